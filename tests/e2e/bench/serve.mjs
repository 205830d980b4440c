// A small server of static files on loopback, for the peers: it sends what lies there packed as
// brotli, as the panel's own server does, and lets nothing be kept.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

/** @type {Record<string, string>} */
const KINDS = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Serves a folder; a folder's address is its `index.html`.
 * @param {string} folder
 * @returns {Promise<{ origin: string, stop: () => Promise<void> }>}
 */
export async function serve(folder) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    // What climbs out of the folder is put back into it before it is joined to it.
    const path = normalize(pathname.endsWith('/') ? `${pathname}index.html` : pathname);
    const packed = await readFile(join(folder, `${path}.br`)).catch(() => undefined);
    if (!packed) return void response.writeHead(404).end();
    response.writeHead(200, {
      'content-type': KINDS[extname(path)] ?? 'application/octet-stream',
      'content-encoding': 'br',
      'content-length': packed.length,
      'cache-control': 'no-store',
    });
    response.end(packed);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('the server has no port');
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { origin: `http://127.0.0.1:${address.port}`, stop };
}
