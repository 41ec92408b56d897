// Tests by clicking what the assistant learns from pages and files: a page is read and answers a customer with its address as the
// source, a table and a document of Word are read, and what cannot be read says why.
import { type Page } from '@playwright/test';
import { expect, expectNoBarriers, signIn, test, type Simulator } from '../fixtures';

// A source that was removed may be asked for its news once more before the next page is there.
test.use({ expectedOnConsole: /status of 404/ });

/** The checksum of a file in a packed folder (CRC-32). */
function checksum(bytes: Buffer): number {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return ~sum >>> 0;
}

/** A document of Word with these paragraphs: a packed folder with one file, which is not compressed. */
function word(paragraphs: string[]): Buffer {
  const name = Buffer.from('word/document.xml');
  const text = paragraphs.map((paragraph) => `<w:p><w:r><w:t>${paragraph}</w:t></w:r></w:p>`).join('');
  const body = Buffer.from(`<w:document xmlns:w="x"><w:body>${text}</w:body></w:document>`);
  const facts = Buffer.alloc(26);
  facts.writeUInt16LE(20, 0);
  facts.writeUInt32LE(checksum(body), 10);
  facts.writeUInt32LE(body.length, 14);
  facts.writeUInt32LE(body.length, 18);
  facts.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), facts, name, body]);
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), facts, Buffer.alloc(14), name]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

/** Lets a customer write to the demo's WhatsApp number. */
const writes = (simulator: Simulator, customer: string, text: string) =>
  simulator.call('POST', '/_sim/meta/inbound', { channel: 'whatsapp', customer, text });

/** The draft above the form. */
const draft = (page: Page) => page.getByRole('region', { name: 'Assistant draft' });

/** Opens what the assistant knows as the owner, and returns the address of the business. */
async function open(page: Page): Promise<string> {
  await signIn(page, 'owner');
  const business = new URL(page.url()).pathname;
  await page.goto(`${business}/assistant/knowledge`);
  return business;
}

/** Expects that an answer to the question is drafted with this text, from this source. */
async function expectDraft(page: Page, simulator: Simulator, business: string, question: string, text: string, source: string): Promise<void> {
  const customer = `Sofia Source ${Date.now() % 1_000_000}`;
  await writes(simulator, customer, question);
  await page.goto(`${business}/inbox`);
  const line = page.locator('.inbox-line', { hasText: customer });
  await expect(line).toBeVisible({ timeout: 60_000 });
  await line.click();
  await expect(draft(page)).toContainText(text, { timeout: 60_000 });
  await expect(draft(page).locator('li', { hasText: source })).toBeVisible();
}

/** Adds a file, and opens it in the list. */
async function add(page: Page, business: string, name: string, buffer: Buffer): Promise<void> {
  await page.goto(`${business}/assistant/knowledge?new=file`);
  await page.locator('input[name="files"]').setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
  await page.locator('#source').getByRole('button', { name: 'Add a file' }).click();
  await expect(page.getByText('Added. Reading the file.').first()).toBeVisible();
  await page.getByRole('link', { name }).first().click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

/** Removes the source at this address, so that no other test is answered from it. */
async function remove(page: Page, source: string): Promise<void> {
  await page.goto(source);
  await page.locator('summary', { hasText: 'Remove' }).click();
  await page.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('Removed.').first()).toBeVisible();
}

test('a page answers customers with its address as the source, and is read again', async ({ page, simulator }) => {
  test.setTimeout(300_000);
  const business = await open(page);
  const address = `${simulator.url}/_sim/shop?visit=${Date.now()}`;

  await test.step('it is added and read', async () => {
    await page.getByRole('link', { name: 'Add a web page' }).click();
    await page.getByLabel('Address', { exact: true }).fill(address);
    await page.locator('#source').getByRole('button', { name: 'Add a web page' }).click();
    await expect(page.getByText('Added. Reading the page.').first()).toBeVisible();
    await expect(page.locator('[data-live="source"]')).toContainText('Clear aligners: from $2,400', { timeout: 60_000 });
    await expect(page.locator('[data-live="source"]')).not.toContainText('dataset');
    await expectNoBarriers(page);
  });
  const source = page.url();

  await test.step('it is read again', async () => {
    await page.getByRole('button', { name: 'Read again' }).click();
    await expect(page.getByText('Reading the page again.').first()).toBeVisible();
    await expect(page.locator('[data-live="source"]')).toContainText('Clear aligners: from $2,400', { timeout: 60_000 });
  });

  await test.step('an answer comes from it and names it', async () => {
    await expectDraft(page, simulator, business, 'What do clear aligners cost?', '$2,400', '/_sim/shop');
    await remove(page, source);
  });
});

test('a table and a document are read, and only their text', async ({ page, simulator }) => {
  test.setTimeout(300_000);
  const business = await open(page);
  const number = Date.now() % 1_000_000;
  await add(page, business, `retainers-${number}.csv`, Buffer.from('Treatment,Price\nLingual retainer,$310\nRetainer repair,$85\n'));
  await expect(page.locator('[data-live="source"]')).toContainText('Treatment: Lingual retainer; Price: $310', { timeout: 60_000 });
  const table = page.url();
  await expectDraft(page, simulator, business, 'Price of a lingual retainer?', '$310', `retainers-${number}.csv`);
  await remove(page, table);

  await add(page, business, `sedation-${number}.docx`, word(['Sedation', 'Sedation with laughing gas costs $75 an hour.']));
  await expect(page.locator('[data-live="source"]')).toContainText('laughing gas costs $75', { timeout: 60_000 });
  const letter = page.url();
  await expectDraft(page, simulator, business, 'Do you offer laughing gas sedation?', '$75', `sedation-${number}.docx`);
  await remove(page, letter);
});

test('what cannot be read says why, and an address at home is refused', async ({ page }) => {
  test.setTimeout(300_000);
  const business = await open(page);
  await page.goto(`${business}/assistant/knowledge?new=page`);
  await page.getByLabel('Address', { exact: true }).fill('https://169.254.169.254/latest/meta-data');
  await page.locator('#source').getByRole('button', { name: 'Add a web page' }).click();
  await expect(page.getByText('Use a public address that begins with https://.').first()).toBeVisible();

  const name = `picture-${Date.now() % 1_000_000}.txt`;
  await add(page, business, name, Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'));
  await expect(page.locator('[data-live="source"]')).toContainText("This file type can't be read.", { timeout: 60_000 });
  await remove(page, page.url());
});
