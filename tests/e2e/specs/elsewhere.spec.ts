// The panel on a host of the organization's own: static files there, the proxy elsewhere, and the page around
// the panel gives tokens. No cookie goes anywhere.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test as base, expect, type Page } from '@playwright/test';
import { Organization } from '../organization.mjs';
import { find, muteButton, open } from '../panel.ts';

const DIST = fileURLToPath(new URL('../../../dist', import.meta.url));
const TYPES: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** The page around the panel: a script of the host's own that gets a token for each request. */
const GIVER = `
globalThis.foldbackToken = async () => {
  const answer = await fetch('/token');
  return answer.ok ? answer.text() : null;
};`;

/** The organization's own host. */
class Host {
  /** Where the panel is. */
  readonly address: string;
  /** How many tokens were asked for. */
  asked = 0;
  /** Who is signed in there, and for how many seconds each of their tokens is good. */
  who: [account: 'ada' | 'al' | 'vi', seconds: number] | undefined = ['al', 600];
  organization: Organization | undefined;
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.address = `http://localhost:${port}`;
    server.on('request', (request, answer) => void this.#answer(request.url ?? '/', answer));
  }

  static async start(): Promise<Host> {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const at = server.address();
    if (typeof at !== 'object' || !at) throw new Error('no address');
    return new Host(server, at.port);
  }

  async #answer(url: string, answer: import('node:http').ServerResponse): Promise<void> {
    const path = url.split('?')[0] === '/' ? '/index.html' : url.split('?')[0]!;
    if (path === '/token') {
      this.asked += 1;
      if (!this.who || !this.organization) return void answer.writeHead(401).end();
      return void answer.end(this.organization.token(...this.who));
    }
    if (path === '/config.json') {
      return void answer.end(JSON.stringify({ base: `${this.organization?.address}/` }));
    }
    if (path === '/token.js') return void answer.setHeader('content-type', 'text/javascript').end(GIVER);
    const file = await readFile(join(DIST, path)).catch(() => undefined);
    if (!file) return void answer.writeHead(404).end();
    answer.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
    const text = path === '/index.html' ? `${file}`.replace('<head>', '<head><script src="/token.js"></script>') : file;
    answer.end(text);
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const test = base.extend<{ host: Host }>({
  host: async ({}, use) => {
    const host = await Host.start();
    host.organization = await Organization.start({ origins: [host.address] });
    await use(host);
    await host.organization.stop();
    host.stop();
  },
});

async function join_(page: Page, host: Host): Promise<void> {
  const { address } = host.organization!;
  const answer = await page.request.post(`${address}/foldback/v1/calls`, {
    data: { graph: {} },
    headers: { authorization: `Bearer ${host.organization!.token('ada', 60)}` },
  });
  expect(answer.status(), await answer.text()).toBe(201);
}

test('with tokens the panel does all it does, and no cookie is set', async ({ page, host }) => {
  await join_(page, host);
  const refused: string[] = [];
  page.on('console', (message) => {
    if (/CORS|Access-Control/.test(message.text())) refused.push(message.text());
  });
  await page.goto(`${host.address}/`);
  await expect(page.getByText('Connected', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Open mics' }).click();
  const mute = page.getByRole('button', { name: /^Mute (?!all)/ }).first();
  const name = (await mute.getAttribute('aria-label'))!.replace('Mute ', '');
  await mute.click();
  await page.getByRole('button', { name: 'Open mics' }).click();
  await find(page, name);
  await expect(muteButton(page, name)).toHaveAttribute('aria-pressed', 'true');

  await open(page, 'Desk');
  await page.getByRole('slider').first().press('PageDown');
  await expect(page.getByRole('region', { name: 'Operations' }).getByText('completed')).toHaveCount(2);
  // What is saved under a condition asks the browser for leave of its own.
  await open(page, 'Scenes');
  await page.getByRole('textbox', { name: 'Scene name' }).fill('Opening');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Opening' })).toBeVisible();
  await page.getByRole('button', { name: 'Save over Opening' }).click();
  await expect(page.getByRole('heading', { name: 'Opening' })).toBeVisible();

  // A link takes no token along.
  await open(page, 'Log');
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'CSV', exact: true }).click(),
  ]);
  expect(file.suggestedFilename()).toBe('foldback-log.csv');
  expect(await readFile(await file.path(), 'utf8')).toMatch(/"Al Adin","127.0.0.1","saveScene"/);

  // It is the page around the panel that signs people out.
  await page.getByRole('link', { name: 'Calls', exact: true }).click();
  await expect(page.getByText('Signed in as Al Adin, administrator')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeHidden();
  expect(await page.context().cookies()).toEqual([]);
  expect(refused).toEqual([]);
});

test('a token that is worn out is followed by another one, without a word', async ({ page, host }) => {
  await join_(page, host);
  // Clocks may differ by a minute: this one is good for five seconds more.
  host.who = ['ada', -55];
  await page.goto(`${host.address}/`);
  await expect(page.getByText('Connected', { exact: true })).toBeVisible();
  const streams: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/events')) streams.push(request.url());
  });
  // A stream ends with its token, and goes on with the next one from where it was.
  await expect.poll(() => streams.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
  await expect(page.getByText('Connected', { exact: true })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'You are signed out' })).toBeHidden();
});

test('without a token the page says whose it is to give one', async ({ page, host }) => {
  host.who = undefined;
  await page.goto(`${host.address}/`);
  await expect(page.getByRole('heading', { name: 'You are not signed in' })).toBeVisible();
  await expect(page.getByText('Sign in with the page that shows the panel')).toBeVisible();
  host.who = ['vi', 600];
  await page.getByRole('button', { name: 'I have signed in: go on' }).click();
  await expect(page.getByRole('heading', { name: 'You are not signed in' })).toBeHidden();
  await expect(page.getByText('Signed in as Vi Nguyen, viewer')).toBeVisible();
});

test('a page that is not on the list is told nothing', async ({ page, host }) => {
  await page.goto(`${host.address.replace('localhost', '127.0.0.1')}/`);
  await expect(page.getByRole('status')).toContainText('Connection lost.');
  await expect(page.getByRole('grid', { name: 'Roster' })).toBeHidden();
});
