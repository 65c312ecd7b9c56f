/** What the operator's commands do. They run beside the server or without it, never through it. */

export { verifyFolder } from '../cases/index.ts';
export {
  type ExchangeSpec,
  type ExchangeStatus,
  type ExchangeTools,
  exchangeKinds,
  exchangeTools,
  type SyncFault,
} from '../exchange/index.ts';
export { forgetPepper } from '../gate/index.ts';
export { type BankedHash, type BankTools, bankTools, checkIndex } from '../matching/index.ts';
export {
  type BankPurpose,
  bankPurposes,
  type HashKind,
  type KindHash,
  type Signal,
} from '../matching/types.ts';
export { type ApiKey, createKey, listApiKeys, type NewKey, revokeApiKey } from '../partners/index.ts';
export { type Config, ConfigError, readConfig, settingsOf } from '../platform/config.ts';
export { dataFolder, makeDataFolder } from '../platform/data-folder.ts';
export { type Database, openDatabase, withClient } from '../platform/database.ts';
export { DatabaseError } from '../platform/managed-postgres.ts';
export { MigrationError } from '../platform/migrate.ts';
export { type YearlyReport, yearlyReport } from '../transparency/index.ts';
export { ArchiveError, type Manifest, verifyArchive } from './archive.ts';
export { backup } from './backup.ts';
export { ownDatabaseUser, withDatabase, withDatabaseAlone, withOpenDatabase } from './database.ts';
export {
  examineBackups,
  examineBus,
  examineConfig,
  examineDatabase,
  examineFolder,
  examinePort,
  lastBackupPath,
  readLastBackup,
} from './doctor.ts';
export { examineAge, examinePepperMark } from './doctor-age.ts';
export { examineStore } from './doctor-store.ts';
export type { Finding } from './finding.ts';
export { type KeyPurpose, keyPurposes, listKeys, rotateKey } from './keys.ts';
export { closeReport, type WaitingReport, waitingReports } from './reports.ts';
export { RestoreError, restore } from './restore.ts';
export { grantRole, isStaffRole, listRoles, type RoleChange, revokeRole, staffRoles } from './roles.ts';
