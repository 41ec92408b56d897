// Tests how people get access: the first run on an empty database, invitations, and signing in and out without scripts.
import { acceptInvitation, createAgency, secret } from '../agencies';
import { expect, expectNoBarriers, password, people, signIn, signInAs, signOut, test } from '../fixtures';

test.describe('the first run', () => {
  // The simulator's pages, and a URL that is refused on purpose, log such errors.
  test.use({ expectedOnConsole: /Failed to load resource/ });

  test('an empty installation is taken over, and its first agency comes in by invitation', async ({ page, simulator, emptyServer }) => {
    const at = emptyServer.url;
    await page.goto(at);
    await expect(page).toHaveURL(`${at}/setup`);
    await expect(page.getByRole('heading', { level: 1, name: 'Set up Slipway' })).toBeVisible();
    await expect(page.getByText('Postgres answers.')).toBeVisible();
    await expect(page.getByRole('textbox')).toHaveCount(0);
    await expectNoBarriers(page);

    const said = await emptyServer.run('create-admin', '--email', 'pat@slipway.test');
    const link = said.trim().split('\n').at(-1)!;
    await page.goto(link);
    await expectNoBarriers(page);
    await page.getByLabel('New password').fill('short');
    await page.getByRole('button', { name: 'Set password' }).click();
    await expect(page.getByText('Use at least 12 characters.', { exact: false }).first()).toBeVisible();
    await page.getByLabel('New password').fill(secret);
    await page.getByRole('button', { name: 'Set password' }).click();
    await expect(page.getByText('Your password is set. Sign in with it.')).toBeVisible();
    await signInAs(page, 'pat@slipway.test', secret);
    // The page with the first steps opens only once; afterwards the platform opens its overview.
    await expect(page).toHaveURL(`${at}/admin/start`);
    await expectNoBarriers(page);
    await page.goto(at);
    await expect(page).toHaveURL(`${at}/admin`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expectNoBarriers(page);

    await page.goto(link);
    await expect(page.getByText('This link was already used to set a password.', { exact: false })).toBeVisible();
    expect((await page.goto(`${at}/setup`))?.status()).toBe(404);
    await expect(emptyServer.run('create-admin', '--email', 'eve@slipway.test')).rejects.toThrow('Nothing was changed.');
    // Running the command again creates a new link for an admin who lost the password or the link.
    await page.goto((await emptyServer.run('create-admin', '--email', 'Pat@slipway.test')).trim().split('\n').at(-1)!);
    await expect(page.getByLabel('New password')).toBeVisible();

    await page.goto(`${at}/admin/people`);
    await page.getByLabel('Email').fill('sasha@slipway.test');
    await page.getByRole('button', { name: 'Send invitation' }).click();
    await expect(page.getByText('sasha@slipway.test is invited as Support.').first()).toBeVisible();
    await expectNoBarriers(page);

    await createAgency(page, at, 'Bay Area Media', 'bay-area', 'olga@bay.test');
    await signOut(page);
    await acceptInvitation(page, simulator, 'olga@bay.test', 'Olga Marin');
    await expect(page).toHaveURL(`${at}/a/bay-area`);
    await expect(page.locator('main').getByText(/Connect HighLevel/).first()).toBeVisible();
    await expectNoBarriers(page);

    await page.goto(`${at}/a/bay-area/team`);
    const invite = page.locator('form[action="/do/invite_colleague"]');
    await invite.getByLabel('Email').fill('remy@bay.test');
    await invite.getByLabel('Role').selectOption({ label: 'Agency admin' });
    await page.getByRole('button', { name: 'Send invitation' }).click();
    await expect(page.getByText('Invitation sent to remy@bay.test.', { exact: false }).first()).toBeVisible();
    await signOut(page);
    await acceptInvitation(page, simulator, 'remy@bay.test', 'Remy Castel');
    await page.goto(`${at}/a/bay-area/team`);
    await expect(page.getByText('Remy Castel').first()).toBeVisible();
    await expect(page.getByText('Olga Marin', { exact: true })).toBeVisible();
    expect((await page.goto(`${at}/admin`))?.status()).toBe(404);
  });
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('one signs in, looks at the clients and signs out', async ({ page }) => {
    await page.goto('/a/harbor/clients');
    await expect(page).toHaveURL(/\/login\?next=/);
    await page.getByLabel('Email').fill(people.maya);
    await page.getByLabel('Password', { exact: true }).fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByText('Wrong email or password.')).toBeVisible();
    await expect(page.getByLabel('Email')).toHaveValue(people.maya);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page).toHaveURL(/\/a\/harbor\/clients$/);
    await expect(page.getByRole('link', { name: 'Luna Yoga' })).toBeVisible();
    await page.getByRole('searchbox').fill('bright');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('link', { name: 'Luna Yoga' })).toHaveCount(0);
    await page.getByRole('link', { name: 'Bright Dental' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Bright Dental' })).toBeVisible();
    await signOut(page);
    await page.goto('/a/harbor/clients');
    await expect(page).toHaveURL(/\/login\?next=/);
  });
});

test.describe('a session that ended elsewhere', () => {
  // The page's stream may ask again before the click, and is shown the door.
  test.use({ expectedOnConsole: /EventSource's response/ });

  test('ends here with the next click', async ({ page, browser }) => {
    await signIn(page, 'noah');
    const other = await browser.newContext({ baseURL: process.env.BASE_URL });
    const elsewhere = await other.newPage();
    await signIn(elsewhere, 'noah');
    await elsewhere.goto('/me');
    await elsewhere.getByRole('button', { name: /everywhere/i }).first().click();
    await elsewhere.waitForURL(/\/login/);
    await other.close();
    await page.goto('/a/harbor');
    await expect(page).toHaveURL(/\/login/);
  });
});
