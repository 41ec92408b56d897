// Lists all pages, read from the source of the policy table, so that tests over all pages leave none out.
import { readFileSync } from 'node:fs';

/** A page's path and what it requires of the person who opens it. */
export type Route = { path: string; needs: 'Nothing' | 'Proof' | 'SignedIn' | 'Platform' | 'Agency' | 'Business' };

const source = readFileSync(new URL('../app/crates/domain/src/permission.rs', import.meta.url), 'utf8');
const lines = [...source.matchAll(/^\s*page\(\s*"(?<path>[^"]+)",\s*(?<needs>\w+)/gm)];

/** Every page of the product. */
export const routes = lines.map(({ groups }) => groups as Route);

/** Values for the variable parts of a path. */
export type Names = { agency: string; business: string; job: string; token?: string };

/** The path of a page with these values. */
export const address = (route: Route, names: Names): string =>
  route.path.replace(/\{(\w+)\}/g, (_, part: keyof Names) => names[part] ?? 'nobody-has-this');
