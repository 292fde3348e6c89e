import { statfsSync } from 'node:fs';

// The magic numbers of statfs(2) on Linux.
const names: ReadonlyMap<number, string> = new Map([
  [0xef_53, 'ext4'],
  [0x58_46_53_42, 'xfs'],
  [0x91_23_68_3e, 'btrfs'],
  [0x2f_c1_2f_c1, 'zfs'],
  [0x79_4c_76_30, 'overlay'],
  [0x01_02_19_94, 'tmpfs, which a power cut empties'],
  [0x69_69, 'nfs'],
  [0xfe_53_4d_42, 'smb'],
  [0xff_53_4d_42, 'cifs'],
  [0x01_02_19_97, '9p'],
  [0x65_73_55_46, 'fuse'],
]);

/** What kind of file system a folder is on; undefined for one without a name here. */
export function diskName(folder: string): string | undefined {
  return names.get(statfsSync(folder).type);
}
