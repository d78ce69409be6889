import type { Checksum, Millis, StorePath } from '../../machines/model.ts';
import type { DeleteProof } from '../../specs/types.ts';
import type { Seen } from './seen.ts';

/** One file as its store describes it. */
export interface StoredFile {
  readonly sizeBytes: number;
  /**
   * A mark of the last change that is another after each; missing where the store has none.
   *
   * It is text so that it is compared only with itself: times of a store's clock say
   * nothing beside those of ours.
   */
  readonly modified?: string;
  /** Present when it was asked for and the store keeps or can compute one. */
  readonly checksum?: Checksum;
  /** false: its bytes are not on disk, and reading them would bring them there. */
  readonly online?: boolean;
}

/** Where a path of a store lies in the world, whichever store or link leads there. */
export interface Place {
  /** What the path is a path of: the file system of this host, or another system and its root. */
  readonly place: string;
  /** One for all names of the same file. */
  readonly path: string;
  /** Why no file can have that name, as where it is too long; null: one can. */
  readonly refused: string | null;
}

/** How checksums of a store come about: they are `kept` beside the file, or `computed` by reading every byte. */
export type ChecksumsAre = 'kept' | 'computed';

/**
 * What is asked of each file. `checksum` may make the store read every byte;
 * `checksum:md5` asks for a sum by that algorithm, and for none where the store cannot give it.
 */
export type StatDepth = 'size' | 'checksum' | `checksum:${string}`;

/** The bytes a removal was decided on; anything else there is left alone. */
export interface ExpectedBytes {
  readonly sizeBytes: number;
  /** Compared too when given. */
  readonly checksum?: Checksum;
}

/**
 * A place that holds files, as the reconcilers need it.
 *
 * Every driver passes test/contract/store.ts. Every call may be repeated with
 * the same arguments at no harm; each comment says what makes that so.
 */
export interface Store {
  /** The name specs use for this store. Also its key in logs. */
  readonly name: string;
  readonly driver: string;
  /** How a copy here can be proved before another is deleted; the strongest last. */
  readonly proofs: readonly DeleteProof[];
  readonly checksums: ChecksumsAre;
  /** How many changes of single files (`promote`, `remove`) may be asked for at once. */
  readonly atOnce: number;

  /**
   * Ask what is known of files.
   *
   * @param paths  any number; the driver splits them to fit its own limits
   * @param askedAt  goes into the answer unchanged
   * @returns never throws because a file is missing; a folder or other non-file
   *   under the name is *unknown* with a reason
   * @throws DriverError `unavailable` when the store as a whole did not answer | `forbidden`
   */
  stat(
    paths: readonly StorePath[],
    depth: StatDepth,
    askedAt: Millis,
    signal: AbortSignal,
  ): Promise<Seen<StorePath, StoredFile>>;

  /**
   * Say where paths lie, whether or not something is there.
   *
   * Two paths, of this store or of another whose root it shares or that lies within it, have
   * the same place and path if what is written to the one is read at the other.
   *
   * @throws DriverError `unavailable` when the root is not there: nobody knows what is below it
   */
  locate(paths: readonly StorePath[], askedAt: Millis, signal: AbortSignal): Promise<Seen<StorePath, Place>>;

  /**
   * List the files whose path matches a glob (`raw/*.lhe`, `.rereco/attempts/**`), those of the
   * store's own that are being written among them.
   *
   * A folder that does not exist holds no files. `complete` is false when a
   * folder could not be read. Only a listing tells when a file was modified.
   */
  list(glob: string, askedAt: Millis, signal: AbortSignal): Promise<Seen<StorePath, StoredFile>>;

  /**
   * Give a file another name in this store, replacing nothing.
   *
   * Repeatable: when `to` already holds the size and checksum of `from`, or
   * `from` is gone and `to` holds `expected`, it was done before.
   *
   * @throws DriverError `conflict` when `to` holds anything else | `absent` when neither is there
   */
  promote(from: StorePath, to: StorePath, expected: ExpectedBytes | null, signal: AbortSignal): Promise<void>;

  /**
   * Delete one file, if it still is the one that was decided on.
   *
   * Repeatable: a file that is gone was deleted before.
   *
   * @throws DriverError `conflict` when other bytes are there
   */
  remove(path: StorePath, expected: ExpectedBytes, signal: AbortSignal): Promise<void>;

  /**
   * Store a local file under a new name, durably before the call returns.
   *
   * Repeatable: the same bytes already there are left; other bytes are a `conflict`.
   */
  put(localFile: string, to: StorePath, signal: AbortSignal): Promise<StoredFile>;

  /** Bring a file to a local path, replacing what is there. @throws DriverError `absent` */
  get(path: StorePath, localFile: string, signal: AbortSignal): Promise<void>;

  /** A small file of our own (the installation's marker); undefined when absent. */
  readText(path: StorePath, signal: AbortSignal): Promise<string | undefined>;

  /**
   * Replace a small file of our own, whole or not at all. Repeatable as it is.
   *
   * What a call that was killed leaves lies in `TEMPORARIES`; to take it away does no harm to
   * a call that goes on.
   */
  replaceText(path: StorePath, text: string, signal: AbortSignal): Promise<void>;

  /**
   * The folders directly below a folder in which nothing is.
   *
   * A folder that does not exist has none below it.
   */
  emptyFolders(below: StorePath, signal: AbortSignal): Promise<readonly StorePath[]>;

  /**
   * Remove folders in which nothing is. Repeatable: one that is gone, or holds something, is left.
   */
  removeFolders(paths: readonly StorePath[], signal: AbortSignal): Promise<void>;

  /** Bytes that can still be written; undefined where the store cannot tell. */
  freeBytes(signal: AbortSignal): Promise<number | undefined>;

  /**
   * Shell words with which a job on a worker node reads and writes this store: POSIX sh text
   * using only the site's own clients, the same for every file. Each is run in a shell of its
   * own, which it may exit. `$node` may hold the name of the node.
   */
  readonly jobCommands: {
    /**
     * Copies the stored file that `place` calls `$3` to the local path in `$1`, and proves the
     * copy by the size in `$4` and the checksum in `$5`; empty: nobody knows. Where `$2` names a
     * file, it gets one sentence: what is wrong with the bytes, and then the exit code is not 0;
     * or why nobody could prove them, and then it is 0. It stays empty when they are proved.
     *
     * @param awkUpToBytes  an adler32 is computed by awk for files up to this size, where the
     *   node has no client that can
     */
    fetch(awkUpToBytes: number): string;
    /**
     * Copies the absolute local path in `$1` to a new file in the store, which `place` calls
     * `$2`, making folders; complete and durable when it exits 0.
     *
     * @param mark  a file that the store holds as long as it is the one it was; without it
     *   nothing is delivered
     */
    deliver(mark?: StorePath): string;
    /** How these texts are told of a path. @throws DriverError `rejected` */
    place(path: StorePath): string;
  };

  /** The absolute path at which this machine can read a file; undefined where there is none. */
  localPath(path: StorePath): string | undefined;
}
