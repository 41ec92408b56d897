// Tests the language of the pages that clients use: the browser's at first, then the one that a person chose.
import { expect, expectNoBarriers, signIn, test } from '../fixtures';

test.describe('a browser in Spanish', () => {
  test.use({ locale: 'es-MX' });

  test('gets the sign-in pages in Spanish', async ({ page }) => {
    await page.goto('/login');
    await expect(page.locator('html')).toHaveAttribute('lang', 'es');
    await expect(page.getByRole('heading', { level: 1, name: 'Inicie sesión en Slipway' })).toBeVisible();
    await expectNoBarriers(page);
    await page.getByLabel('Correo electrónico').fill('nadie@harbor.test');
    await page.getByLabel('Contraseña', { exact: true }).fill('not the password');
    await page.getByRole('button', { name: 'Iniciar sesión', exact: true }).click();
    await expect(page.getByText('Correo electrónico o contraseña incorrectos.').first()).toBeVisible();
    await page.getByRole('link', { name: '¿Olvidó su contraseña?' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Restablezca su contraseña' })).toBeVisible();
  });
});

test('a person chooses the language of their account and of the pages of their business', async ({ page }) => {
  await signIn(page, 'owner');
  const home = page.url();
  await test.step('chosen on the account page, it holds at once', async () => {
    await page.goto('/me');
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    await page.getByLabel('Language').selectOption({ label: 'Español' });
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(page.getByText('Idioma guardado.').first()).toBeVisible();
    await expect(page.locator('html')).toHaveAttribute('lang', 'es');
    await expectNoBarriers(page);
  });
  await test.step('and on the pages of the business', async () => {
    await page.goto(home);
    await expect(page.getByRole('heading', { name: 'Su negocio' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Conexiones' }).first()).toBeVisible();
    await expectNoBarriers(page);
  });
  await test.step('and on the page of notifications', async () => {
    await page.goto('/me/notifications');
    await expect(page.getByRole('heading', { level: 1, name: 'Notificaciones' })).toBeVisible();
    await expect(page.getByLabel('Un agente de IA pide aprobación')).toBeVisible();
    await expectNoBarriers(page);
  });
  await test.step('and back', async () => {
    await page.goto('/me');
    await page.getByLabel('Idioma').selectOption({ label: 'English' });
    await page.getByRole('button', { name: 'Guardar', exact: true }).click();
    await expect(page.getByText('Language saved.').first()).toBeVisible();
    await page.getByRole('link', { name: 'Bright Dental' }).first().click();
    await expect(page).toHaveURL(home);
  });
  await test.step('and the language of the business, which leaves what the person chose', async () => {
    for (const language of ['es', '']) {
      await page.goto(home);
      await page.getByLabel('Business language').selectOption(language);
      await page.getByRole('button', { name: 'Save language' }).click();
      await expect(page.getByText('The language of the business is saved.').first()).toBeVisible();
      await expect(page.getByLabel('Business language')).toHaveValue(language);
      await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    }
  });
});
