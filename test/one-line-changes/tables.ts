import type { Change } from '../support/changed-specs.ts'
import { changes as agreement } from './agreement.ts'
import { changes as broadcast } from './broadcast.ts'
import { changes as clocks } from './clocks.ts'
import { changes as consensus } from './consensus.ts'
import { changes as eventual } from './eventual.ts'
import { changes as others } from './others.ts'
import { changes as primaryBackup } from './primary-backup.ts'
import { changes as raft } from './raft.ts'
import { changes as raftVariants } from './raft-variants.ts'
import { changes as viewService } from './view-service.ts'

/** The one-line changes of each protocol. */
export const tables: { readonly [protocol: string]: readonly Change[] } = {
  raft,
  'view-service': viewService,
  'primary-backup': primaryBackup,
  ...others,
  ...agreement,
  ...broadcast,
  ...clocks,
  ...consensus,
  ...eventual,
  ...raftVariants,
}
