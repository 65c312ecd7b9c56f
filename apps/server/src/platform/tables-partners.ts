import type { ColumnType } from 'kysely';

/** Columns with a default. */
type Defaulted<T> = ColumnType<T, T | undefined, T>;
/** `jsonb`: read parsed, written as the JSON it is. */
type Json<T> = ColumnType<T, string, string>;

/** The tables of the interfaces for other platforms. */
export interface PartnerTables {
  api_key: {
    id: string;
    name: string;
    secret_hash: Buffer;
    scopes: string[];
    banks: string[] | null;
    per_minute: number;
    created_at: Date;
    revoked_at: Date | null;
  };
  bank_content: {
    content_id: ColumnType<string, number, number>;
    bank_id: number;
    note: string | null;
    metadata: Json<Readonly<Record<string, unknown>>> | null;
    disable_until: ColumnType<string, number, number>;
  };
  partner_notice: {
    id: string;
    key_id: string;
    number: string;
    case_id: string;
    reference: string;
    filed_at: Date;
  };
  webhook: { id: string; key_id: string; url: string; secret: Buffer; created_at: Date };
  webhook_delivery: {
    id: string;
    webhook_id: string;
    type: string;
    body: string;
    state: 'waiting' | 'sent' | 'dead';
    tries: Defaulted<number>;
    next_at: Date;
    outcome: string | null;
    created_at: Date;
    ended_at: Date | null;
  };
}
