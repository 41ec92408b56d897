// Tests the browser sign-in of AI agents with a program of others, the official client: it registers, a person signs in and
// allows it, it works with the tools and renews its tokens; another program and a person who says no are told apart.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Page } from '@playwright/test';
import { expect, expectNoBarriers, password, people, signInAs, test } from '../fixtures';

const script = join(dirname(fileURLToPath(import.meta.url)), '..', 'tools-conformance', 'sign-in.mjs');
const gateway = () => `${process.env.BASE_URL}/mcp/bright-dental`;

/** A program that signs in. Its lines tell what it wants and what became of it. */
function start(name: string) {
  const child = spawn(process.execPath, [script, gateway(), name, 'business_get_details'], {
    cwd: process.env.SLIPWAY_DATA,
    env: { PATH: process.env.PATH, HOME: process.env.SLIPWAY_DATA },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return {
    told: async () => {
      const { value, done } = await lines.next();
      expect(done, 'the program ended without a word').toBeFalsy();
      return JSON.parse(value);
    },
    stop: () => child.kill(),
  };
}

/** Brings a program to the question, as its person does: by its address and the sign-in form. */
async function asked(page: Page, address: string, name: string): Promise<void> {
  await page.goto(address);
  await signInAs(page, people.owner, password);
  await expect(page.getByRole('heading', { level: 1, name: `Connect ${name}?` })).toBeVisible();
}

const cameBack = (page: Page) => page.waitForURL((url) => url.pathname === '/callback');

for (const [width, height] of [[1440, 900], [390, 844]] as const) {
  test(`a program signs in by browser, works with the tools and stays, ${width} px wide`, async ({ page }) => {
    test.setTimeout(300_000);
    await page.setViewportSize({ width, height });
    const name = `Journey ${width} ${Date.now() % 1_000_000}`;
    const program = start(name);
    try {
      await test.step('the person is asked, and allows it', async () => {
        const { open } = await program.told();
        expect(new URL(open).origin).toBe(new URL(gateway()).origin);
        await asked(page, open, name);
        await expect(page.getByText('a program on your own computer')).toBeVisible();
        await expect(page.getByLabel('Business').locator('option')).toHaveText(['Bright Dental']);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        await expectNoBarriers(page);
        await page.getByRole('button', { name: 'Allow' }).click();
        await cameBack(page);
      });

      await test.step('it lists tools, calls one and renews its tokens, and nobody else does', async () => {
        const { tools, called, ...rest } = await program.told();
        expect(tools).toContain('list_contacts');
        expect(called.structuredContent.name).toBe('Bright Dental');
        const issuer = new URL(gateway()).origin;
        const good = { isOwnState: true, issuer, renewed: 'AUTHORIZED', isFresh: true, isSameList: true };
        expect(rest).toEqual({ ...good, stranger: 'invalid_grant' });
      });

      await test.step('the person sees it among their agents', async () => {
        await page.goto('/b/bright-dental/ai-tools');
        const line = page.locator('main li', { hasText: name });
        await expect(line).toContainText('signed in from 127.0.0.1');
        await expectNoBarriers(page);
      });
    } finally {
      program.stop();
    }
  });
}

test('a program that its person does not allow hears it', async ({ page }) => {
  test.setTimeout(300_000);
  const name = `Journey refused ${Date.now() % 1_000_000}`;
  const program = start(name);
  try {
    const { open } = await program.told();
    await asked(page, open, name);
    await page.getByRole('link', { name: 'Cancel' }).click();
    await cameBack(page);
    expect(await program.told()).toEqual({ refused: 'access_denied', isOwnState: true });
    await page.goto('/b/bright-dental/ai-tools');
    await expect(page.getByRole('heading', { level: 1, name: 'AI tools' })).toBeVisible();
    await expect(page.locator('main li', { hasText: name })).toHaveCount(0);
  } finally {
    program.stop();
  }
});
