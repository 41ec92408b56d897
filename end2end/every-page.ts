// Opens every page of the policy as somebody who may see it.
import { type Browser, type Cookie } from '@playwright/test';
import { people, signIn } from './fixtures';
import { type Names, type Route } from './policy';

/** The user who opens a page, by what the page requires. */
export const who: Record<Route['needs'], keyof typeof people | null> = {
  Nothing: null,
  Proof: null,
  SignedIn: 'maya',
  Platform: 'admin',
  Agency: 'maya',
  Business: 'owner',
};

/** The session cookies of these users, and an agency, a business and a job that every page can be opened with. */
export type Everybody = { sessions: Map<keyof typeof people, Cookie[]>; names: Names };

/** Signs everybody in who is needed to open all pages. */
export async function everybody(browser: Browser): Promise<Everybody> {
  const sessions: Everybody['sessions'] = new Map();
  let names: Names = { agency: 'harbor', business: '', job: '' };
  for (const person of ['admin', 'maya', 'owner'] as const) {
    const context = await browser.newContext({ baseURL: process.env.BASE_URL });
    const page = await context.newPage();
    await signIn(page, person);
    sessions.set(person, await context.cookies());
    if (person === 'maya') {
      const first = async (list: string) => {
        await page.goto(list);
        const link = page.locator('main table a[href*="/a/"]').first();
        return (await link.getAttribute('href'))!.split(/[/?]/).at(-1)!;
      };
      names = {
        agency: 'harbor',
        business: await first('/a/harbor/clients?q=Bright+Dental'),
        job: await first('/a/harbor/provisioning'),
      };
    }
    await context.close();
  }
  return { sessions, names };
}
