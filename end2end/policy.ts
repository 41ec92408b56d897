// Which pages are there? Those of the one policy table, read from its source, so that no page escapes the laws over pages.
import { readFileSync } from 'node:fs';

/** A page's address and what it asks of whoever opens it. */
export type Route = { path: string; needs: 'Nothing' | 'Proof' | 'SignedIn' | 'Platform' | 'Agency' | 'Business' };

const source = readFileSync(new URL('../app/crates/domain/src/permission.rs', import.meta.url), 'utf8');
const lines = [...source.matchAll(/^\s*page\(\s*"(?<path>[^"]+)",\s*(?<needs>\w+)/gm)];

/** Every page of the product. */
export const routes = lines.map(({ groups }) => groups as Route);

/** What stands for the variable parts of an address. */
export type Names = { agency: string; business: string; job: string; token?: string };

/** The address of a page for these names. */
export const address = (route: Route, names: Names): string =>
  route.path.replace(/\{(\w+)\}/g, (_, part: keyof Names) => names[part] ?? 'nobody-has-this');
