import { readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { hasCode, SET_DATABASE_URL, ServerError } from './errors.ts';
import { type Account, run } from './run.ts';

/** The users a server may run as when we are root, the first that exists. */
const UNPRIVILEGED: readonly string[] = ['postgres', 'nobody'];

/** Whether we are root, as whom PostgreSQL refuses to run. */
export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/**
 * Whom the server runs as.
 *
 * @param data  the data folder; where it exists already, its owner is the only one who can
 * @returns `undefined` for the user we are
 * @throws ServerError when we are root and nobody else can be found
 */
export async function serverAccount(
  data: string | undefined,
  signal: AbortSignal,
): Promise<Account | undefined> {
  if (!isRoot()) return undefined;
  const account = data === undefined ? await unprivileged() : await ownerOf(data);
  const ran = await run('/bin/sh', ['-c', ':'], { account, folder: '/' }, signal);
  if (ran.failure === undefined) return account;
  throw new ServerError(
    `PostgreSQL does not run as root, and this root may not become ${account.name} (${ran.failure}), as in ` +
      `a container with one user id only: run as an ordinary user, or ${SET_DATABASE_URL}`,
  );
}

async function unprivileged(): Promise<Account> {
  const users = await knownUsers();
  for (const name of UNPRIVILEGED) {
    const user = users.find((one) => one.name === name);
    if (user !== undefined) return user;
  }
  throw new ServerError(
    `PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody in ` +
      `/etc/passwd: add one, run as an ordinary user, or ${SET_DATABASE_URL}`,
  );
}

/** Whether the user we are has a name; containers often run under a bare number. */
export function weHaveAName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

/** A user id, other than root's, that the user database has a name for; `undefined` where it has none. */
export async function namedUserId(): Promise<number | undefined> {
  const users = await knownUsers();
  return (users.find((user) => user.name === 'nobody') ?? users.find((user) => user.uid !== 0))?.uid;
}

async function ownerOf(data: string): Promise<Account> {
  const { uid, gid } = await stat(data);
  if (uid !== 0) return { name: `user ${uid}`, uid, gid };
  throw new ServerError(
    `the data folder ${data} belongs to root, as whom PostgreSQL does not run: give it to the user it ` +
      `was made by (chown -R), or ${SET_DATABASE_URL}`,
  );
}

async function knownUsers(): Promise<readonly Account[]> {
  const text = await readFile('/etc/passwd', 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  });
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 4)
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
}
