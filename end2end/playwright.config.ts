// How are the browser journeys run? Against a world that `cargo x test` has started and described in the environment:
// BASE_URL, SIMULATOR_URL, CHROMIUM, SLIPWAY_PROGRAM and the product's own settings.
import { defineConfig } from '@playwright/test';

const base = process.env.BASE_URL;
if (!base) throw new Error('BASE_URL is missing: run the journeys with `cargo x test`.');

export default defineConfig({
  testDir: './tests',
  outputDir: './test-results',
  reporter: [['list']],
  // One world for all: journeys change it, so they go one after the other. Retries would hide what people would meet.
  workers: 1,
  retries: 0,
  forbidOnly: !!process.env.CI,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    baseURL: base,
    browserName: 'chromium',
    headless: true,
    locale: 'en-US',
    timezoneId: 'America/New_York',
    viewport: { width: 1440, height: 900 },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM,
      // The sandbox needs rights that root in a container lacks; the rest keeps the browser from calling home.
      args: [
        '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
      ],
    },
  },
});
