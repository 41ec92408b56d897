// Which pictures does the README show? Takes them anew from a running demo: node screenshots.mjs [address]
import { chromium } from '@playwright/test';

const address = process.argv[2] ?? 'http://127.0.0.1:3000';
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
const shoot = async (name) => {
  await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
  await page.screenshot({ path: new URL(`../public/screenshot-${name}.png`, import.meta.url).pathname });
};
await page.goto(`${address}/login`);
await page.fill('[name=email]', 'maya@harbor.test');
await page.fill('[name=password]', 'slipway-demo');
await page.click('button[type=submit]');
await page.goto(`${address}/a/harbor/provisioning`);
await shoot('jobs');
await page.goto(`${address}/a/harbor/provisioning/new?demo`);
await page.click('button:has-text("Create client")');
await page.waitForURL(/provisioning\/[0-9a-f-]{36}/);
await page.getByText('is loading the snapshot').first().waitFor();
await shoot('job');
await browser.close();
