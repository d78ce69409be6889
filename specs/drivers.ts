/**
 * Every driver a spec can name, and the fields only it reads. Whether this version of
 * the program has the driver is not a question of spelling, so it is not asked here.
 */

/** What a site's systems are, and so what a driver can drive. */
export type DriverPort = 'store' | 'batch' | 'catalog' | 'mover';

/** Driver by driver, the fields it reads beyond those all drivers of its port have. */
export const DRIVERS: Readonly<Record<DriverPort, Readonly<Record<string, readonly string[]>>>> = {
  store: {
    posix: [],
    rfio: ['classOfService', 'staging', 'commandPrefix', 'timeout'],
    hsi: [
      'classOfService',
      'staging',
      'checksum',
      'host',
      'port',
      'user',
      'credential',
      'commandPrefix',
      'timeout',
    ],
    bbftp: ['host', 'port', 'user', 'streams', 'credential', 'commandPrefix', 'timeout'],
    gridftp: ['host', 'port', 'checksum', 'streams', 'credential', 'commandPrefix', 'timeout'],
    xrootd: ['checksum', 'staging', 'streams', 'credential', 'commandPrefix', 'timeout'],
  },
  batch: {
    local: ['slots'],
    bqs: ['cpuUnitsPerSecond', 'commandPrefix', 'timeout'],
    gridengine: ['arraySize', 'excludeNodes', 'commandPrefix', 'timeout'],
    slurm: ['arraySize', 'excludeNodes', 'commandPrefix', 'timeout'],
  },
  catalog: {
    embedded: ['manifests', 'definitions'],
    sam: ['group', 'station', 'credential', 'commandPrefix'],
    samweb: ['url', 'group', 'station', 'credential'],
  },
  mover: {
    copy: [],
    bbftp: ['streams', 'user', 'credential', 'commandPrefix', 'timeout'],
    gridftp: ['streams', 'credential', 'commandPrefix', 'timeout'],
    sam: ['station', 'group', 'commandPrefix', 'timeout'],
    external: ['timeout'],
    xrootd: ['streams', 'credential', 'commandPrefix', 'timeout'],
  },
};

/** The drivers of a port, by name. */
export function driversOf(port: DriverPort): readonly string[] {
  return Object.keys(DRIVERS[port]);
}

/** The drivers of a port that read a field; empty when the field is one that all of them have. */
export function readersOf(port: DriverPort, field: string): readonly string[] {
  return driversOf(port).filter((driver) => DRIVERS[port][driver]?.includes(field));
}
