#!/usr/bin/env node
/*
 * Verifies an evidence folder of Accord, offline and with nothing but Node and what lies beside it: node verify.mjs [FOLDER].
 * Says whether the chain is whole, and names the first entry that is not what was signed.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkStamp, StampError } from './timestamp.mjs';

const entryLabel = Buffer.from('accord/evidence/1');
const manifestLabel = Buffer.from('accord/evidence-manifest/1');
const spkiHead = Buffer.from('302a300506032b6570032100', 'hex');

/** @param {string} hex */
const keyOf = (hex) =>
  createPublicKey({ key: Buffer.concat([spkiHead, Buffer.from(hex, 'hex')]), format: 'der', type: 'spki' });

/** @param {Buffer | string} bytes */
const sha256 = (bytes) => createHash('sha256').update(bytes).digest();

/**
 * @param {Record<string, string>} keys hex by kid
 * @param {string} kid @param {Buffer} label @param {Buffer} hash @param {string} signature base64
 */
function signed(keys, kid, label, hash, signature) {
  const key = Object.hasOwn(keys, kid) ? keys[kid] : undefined;
  if (key === undefined || !/^[0-9a-f]{64}$/.test(key)) return false;
  return verify(null, Buffer.concat([label, hash]), keyOf(key), Buffer.from(signature, 'base64'));
}

/** What is wrong with one line, or null. @returns {string | null} */
function faultOf(line, expected, keys) {
  let sealed;
  let entry;
  try {
    sealed = JSON.parse(line);
    entry = JSON.parse(sealed.entry);
  } catch {
    return 'is not readable';
  }
  const hash = sha256(sealed.entry);
  if (hash.toString('hex') !== sealed.hash) return 'was altered: its hash differs';
  if (!signed(keys, sealed.kid, entryLabel, hash, String(sealed.signature))) return 'has no valid signature';
  if (entry.case !== expected.caseId) return 'belongs to another case';
  if (entry.seq !== expected.seq)
    return `is entry ${entry.seq}: one before it was removed, or they were re-ordered`;
  if (entry.before !== expected.before) return 'does not follow the one before it';
  return null;
}

/**
 * What another says of when entries were there; the first stamp that does not hold is named.
 * @param {string} folder @param {readonly string[]} lines
 */
function stampsIn(folder, lines) {
  const certificates = readFileSync(join(folder, 'tsa.pem'), 'utf8');
  const said = [];
  for (const { seq, token } of JSON.parse(readFileSync(join(folder, 'stamps.json'), 'utf8'))) {
    try {
      const line = lines[seq - 1];
      if (line === undefined) return { seq, fault: 'is of an entry that is not there' };
      const hash = Buffer.from(JSON.parse(line).hash, 'hex');
      const { at, certificate } = checkStamp(Buffer.from(token, 'base64'), { hash, certificates });
      said.push(`entry ${seq} was there by ${new Date(at).toISOString()} (certificate ${certificate})`);
    } catch (error) {
      if (error instanceof StampError) return { seq, fault: error.message };
      throw error;
    }
  }
  return { said: said.length === 0 ? '' : ` Time stamps: ${said.join('; ')}.` };
}

/**
 * @param {string} folder
 * @returns {{ ok: boolean, entries: number, caseId: string, head: string, sentence: string, badEntry: number | null }}
 */
export function verifyFolder(folder) {
  const bad = (sentence, badEntry = null, entries = 0) => ({
    ok: false,
    entries,
    caseId: '',
    head: '',
    sentence,
    badEntry,
  });
  let manifest;
  let lines;
  let manifestText;
  try {
    const outer = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    manifestText = outer.manifest;
    manifest = JSON.parse(manifestText);
    if (!signed(manifest.keys, outer.kid, manifestLabel, sha256(manifestText), String(outer.signature))) {
      return bad('The manifest is not what was signed.');
    }
    lines = readFileSync(join(folder, 'log.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch (error) {
    return bad(`The folder can't be read: ${error instanceof Error ? error.message : error}`);
  }
  let before = '0'.repeat(64);
  for (const [index, line] of lines.entries()) {
    const seq = index + 1;
    const fault = faultOf(line, { caseId: manifest.case, seq, before }, manifest.keys);
    if (fault !== null) return bad(`Entry ${seq} ${fault}.`, seq, index);
    before = JSON.parse(line).hash;
  }
  if (lines.length < manifest.entries) {
    return bad(
      `Entry ${lines.length + 1} is missing: ${manifest.entries} were signed.`,
      lines.length + 1,
      lines.length,
    );
  }
  if (lines.length > manifest.entries || before !== manifest.head) {
    return bad(`Entry ${manifest.entries + 1} is not of this export.`, manifest.entries + 1, lines.length);
  }
  for (const [name, expected] of Object.entries(manifest.files ?? {})) {
    try {
      if (sha256(readFileSync(join(folder, name))).toString('hex') !== expected)
        return bad(`${name} was altered.`);
    } catch {
      return bad(`${name} is missing.`);
    }
  }
  const stamps = 'stamps.json' in (manifest.files ?? {}) ? stampsIn(folder, lines) : { said: '' };
  if ('fault' in stamps)
    return bad(`Entry ${stamps.seq}: its time stamp ${stamps.fault}.`, stamps.seq, lines.length);
  return {
    ok: true,
    entries: lines.length,
    caseId: manifest.case,
    head: before,
    sentence: `${lines.length} entries of case ${manifest.case}, whole and in order, signed by ${Object.entries(
      manifest.keys,
    )
      .map(([kid, key]) => `${kid} (${key})`)
      .join(', ')}. Compare the key with the one that the operator publishes.${stamps.said}`,
    badEntry: null,
  };
}

const run = process.argv[1] !== undefined && fileURLToPath(import.meta.url) === process.argv[1];
if (run) {
  const result = verifyFolder(process.argv[2] ?? dirname(fileURLToPath(import.meta.url)));
  process.stdout.write(`${result.sentence}\n`);
  process.exitCode = result.ok ? 0 : 1;
}
