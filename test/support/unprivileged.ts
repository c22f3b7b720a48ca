import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const nobody = 65_534;
const ownFile = fileURLToPath(import.meta.url);

/** Root may write anywhere: where we are root, a child that may not is run as this user; else as we are. */
export const unprivilegedUser: number | undefined = process.getuid?.() === 0 ? nobody : undefined;

/** Options for a test with such a child: it has to reach Node and this checkout. */
export const needsUnprivileged: { skip?: string } =
  unprivilegedUser === undefined || reaches(unprivilegedUser)
    ? {}
    : { skip: 'run as root, and no other user may enter this folder or the one of Node' };

function reaches(uid: number): boolean {
  const script = 'require("node:fs").readFileSync(process.argv[1])';
  return spawnSync(process.execPath, ['-e', script, ownFile], { uid, cwd: '/' }).status === 0;
}
