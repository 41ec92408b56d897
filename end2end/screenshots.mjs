// Which pictures does the README show? Takes them anew from a running demo world: node screenshots.mjs [address]
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';

/** The largest picture that the README shows, in bytes. */
const largest = 150 * 1024;
const address = process.argv[2] ?? 'http://127.0.0.1:3000';
const agency = `${address}/a/harbor`;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
let large = 0;

/** Opens a page of a person of the demo world, in a window of this size. */
async function person(name, viewport) {
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce', colorScheme: 'light', timezoneId: 'America/New_York', locale: 'en-US' });
  const page = await context.newPage();
  await page.goto(`${address}/login`);
  await page.getByRole('button', { name: `Enter as ${name}` }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/login'));
  return page;
}

/** Takes a picture of what the page shows. */
async function shoot(page, name) {
  await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
  await page.evaluate(() => document.fonts.ready);
  const path = fileURLToPath(new URL(`../public/screenshot-${name}.png`, import.meta.url));
  await page.screenshot({ path, animations: 'disabled' });
  const { size } = statSync(path);
  large += size > largest ? 1 : 0;
  console.log(`${name}: ${Math.round(size / 1024)} kB${size > largest ? ', which is too much' : ''}`);
}

const maya = await person('Maya Okafor', { width: 1280, height: 800 });
await maya.goto(agency);
await shoot(maya, 'home');
await maya.goto(`${agency}/clients`);
await shoot(maya, 'clients');
await maya.goto(`${agency}/snapshots`);
await shoot(maya, 'snapshots');
await maya.goto(`${agency}/audit`);
await shoot(maya, 'audit');
await maya.goto(`${agency}/provisioning?view=needs_input`);
await maya.getByRole('link', { name: /Rosewood Med Spa/ }).first().click();
await maya.waitForURL(/provisioning\/[0-9a-f-]{36}/);
await shoot(maya, 'needs-input');
await maya.goto(`${agency}/provisioning/new?demo=1`);
await maya.getByRole('button', { name: 'Create client' }).click();
await maya.waitForURL(/provisioning\/[0-9a-f-]{36}/);
await maya.getByText('is loading the snapshot').first().waitFor();
await shoot(maya, 'job');
await maya.setViewportSize({ width: 390, height: 844 });
await maya.reload();
await shoot(maya, 'job-phone');
const owner = await person('Dr. Ana Lee', { width: 1280, height: 800 });
await shoot(owner, 'business');
await browser.close();
if (large > 0) process.exit(1);
