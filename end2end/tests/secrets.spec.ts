// Tests that no secret reaches the browser: every file that is served to the public is searched for secrets.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, password, test } from '../fixtures';

test('no script, style or module carries a secret of this installation', async ({ page, request }) => {
  const master = (await readFile(join(process.env.SLIPWAY_DATA!, 'encryption.key'), 'utf8')).trim();
  const secrets = [process.env.GHL_CLIENT_SECRET!, master, password];
  for (const secret of secrets) expect(secret.length).toBeGreaterThan(8);

  const served: string[] = [];
  page.on('response', (response) => served.push(response.url()));
  await page.goto('/login');
  await page.waitForLoadState('networkidle');
  const files = [...new Set(served)].filter((url) => new URL(url).pathname.includes('/pkg/'));
  expect(files.some((url) => url.endsWith('.wasm')) && files.some((url) => url.endsWith('.js'))).toBe(true);
  for (const url of files) {
    const bytes = Buffer.from(await (await request.get(url)).body());
    expect(bytes.length).toBeGreaterThan(0);
    for (const secret of secrets) {
      const plain = Buffer.from(secret);
      for (const form of [plain, Buffer.from(plain.toString('base64').slice(0, -4)), Buffer.from(plain.toString('hex'))]) {
        expect(bytes.includes(form), `a secret in ${url}`).toBe(false);
      }
    }
  }
});
