// Configuration of the browser tests. `cargo x test` starts the servers and describes them in the environment:
// BASE_URL, SIMULATOR_URL, CHROMIUM, SLIPWAY_PROGRAM and the product's own settings.
import { defineConfig } from '@playwright/test';

const base = process.env.BASE_URL;
if (!base) throw new Error('BASE_URL is missing: run the journeys with `cargo x test`.');

export default defineConfig({
  testDir: './tests',
  outputDir: './test-results',
  reporter: [['list']],
  // All tests share and change one world, so they run one after another. `cargo x` may give the other half a world of its own.
  // Retries would hide problems that users meet. `cargo x` alone decides what runs again, and says so.
  workers: 1,
  retries: 0,
  forbidOnly: !!process.env.CI,
  // Only what never happens waits for these: a loaded machine of two cores takes many times longer than a quiet one.
  timeout: 240_000,
  expect: { timeout: 30_000 },
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
      // The sandbox needs rights that root in a container lacks. The rest keeps the browser from sending data home.
      args: [
        '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
      ],
    },
  },
});
