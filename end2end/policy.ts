// Lists all pages, read from the committed snapshot of the policy, so that tests over all pages leave none out.
import { readFileSync } from 'node:fs';

/** What a page requires of the person who opens it. */
type Needs = 'Nothing' | 'Proof' | 'SignedIn' | 'Platform' | 'Agency' | 'Business';

/** A page's path and what it requires. */
export type Route = { path: string; needs: Needs };

/** How the snapshot begins to say what a page requires. */
const words: Record<string, Needs> = {
  anybody: 'Nothing',
  a: 'Proof',
  whoever: 'SignedIn',
  platform: 'Platform',
  agency: 'Agency',
  business: 'Business',
};

const source = readFileSync(new URL('../server/tests/whole/policy.txt', import.meta.url), 'utf8');
const lines = [...source.matchAll(/^page (?<path>\S+) \| (?<word>\w+)/gm)];

/** Every page of the product. */
export const routes: Route[] = lines.map(({ groups }) => {
  const needs = words[groups!.word];
  if (!needs) throw new Error(`${groups!.path}: what it needs is not understood: ${groups!.word}`);
  return { path: groups!.path, needs };
});
if (routes.length < 30) throw new Error('the snapshot of the policy lists too few pages');

/** Values for the variable parts of a path. */
export type Names = { agency: string; business: string; job: string; token?: string };

/** The path of a page with these values. */
export const address = (route: Route, names: Names): string =>
  route.path.replace(/\{(\w+)\}/g, (_, part: keyof Names) => names[part] ?? 'nobody-has-this');
