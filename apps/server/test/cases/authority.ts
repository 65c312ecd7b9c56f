import { execFile, execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whether the program is here that plays the authority. */
export const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version']);
    return true;
  } catch {
    return false;
  }
})();

const settings = `[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
[narrow]
basicConstraints = critical,CA:true,pathlen:0
keyUsage = critical,keyCertSign
[named]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
nameConstraints = critical,permitted;DNS:example.org
[nobody]
basicConstraints = critical,CA:false
[tsa]
basicConstraints = critical,CA:false
extendedKeyUsage = critical,timeStamping
[web]
extendedKeyUsage = critical,serverAuth
[past]
database = past.txt
serial = serial
new_certs_dir = .
policy = any
default_md = sha256
[any]
commonName = supplied
[tsa_config]
serial = serial
default_policy = 1.2.3.4.1
other_policies = 1.2.3.4.5
signer_digest = sha256
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
`;

/** A real time-stamping authority: OpenSSL's, with a root of its own, over HTTP on the loopback address. */
export class Authority {
  readonly folder: string;
  down = false;
  /** What is answered instead of what OpenSSL says. */
  instead: ((answer: Buffer) => Buffer) | undefined;
  #server: Server | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  #openssl(...args: string[]) {
    return run('openssl', args, { cwd: this.folder });
  }

  async certificate(name: string, extensions: string, days = '30', issuer = 'ca'): Promise<string> {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`];
    const common = ['-subj', `/CN=${name}`, '-config', 'o.cnf', '-extensions', extensions, '-days', days];
    const by = name === issuer ? [] : ['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`];
    await this.#openssl('req', '-x509', ...key, ...common, ...by, '-out', `${name}.pem`);
    return this.path(`${name}.pem`);
  }

  /** One that was over long ago, with what else it takes. */
  async pastCertificate(name: string, extensions: string, issuer: string): Promise<void> {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`];
    await this.#openssl(
      'req',
      '-new',
      ...key,
      '-subj',
      `/CN=${name}`,
      '-config',
      'o.cnf',
      '-out',
      `${name}.csr`,
    );
    await writeFile(this.path('past.txt'), '');
    const when = ['-startdate', '20200101000000Z', '-enddate', '20210101000000Z'];
    const by = [
      '-cert',
      `${issuer}.pem`,
      '-keyfile',
      `${issuer}.key`,
      '-rand_serial',
      '-extensions',
      extensions,
    ];
    const files = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-notext', '-batch'];
    await this.#openssl('ca', '-config', 'o.cnf', '-name', 'past', ...when, ...by, ...files);
  }

  async start(): Promise<string> {
    await writeFile(this.path('o.cnf'), settings);
    await writeFile(this.path('serial'), '01\n');
    await this.certificate('ca', 'ca');
    await this.certificate('tsa', 'tsa');
    const server = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      if (this.down || request.headers['content-type'] !== 'application/timestamp-query') {
        response.writeHead(503).end();
        return;
      }
      const answer = await this.answer(Buffer.concat(parts));
      response
        .writeHead(200, { 'content-type': 'application/timestamp-reply' })
        .end(this.instead?.(answer) ?? answer);
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  /** What OpenSSL answers to this question, signed by the certificate of this name. */
  async answer(query: Buffer, signer = 'tsa', ...above: readonly string[]): Promise<Buffer> {
    const name = `q${process.hrtime.bigint()}`;
    await writeFile(this.path(`${name}.tsq`), query);
    const chain = await Promise.all(
      (above.length === 0 ? ['ca'] : above).map((each) => readFile(this.path(`${each}.pem`), 'utf8')),
    );
    await writeFile(this.path(`${name}.pem`), chain.join(''));
    const by = ['-signer', `${signer}.pem`, '-inkey', `${signer}.key`, '-chain', `${name}.pem`];
    const files = ['-queryfile', `${name}.tsq`, '-out', `${name}.tsr`];
    await this.#openssl('ts', '-reply', '-config', 'o.cnf', '-section', 'tsa_config', ...by, ...files);
    return readFile(this.path(`${name}.tsr`));
  }

  /** OpenSSL's own opinion of a token over a hash. */
  async verifies(token: Buffer, hash: Buffer): Promise<boolean> {
    await writeFile(this.path('check.tst'), token);
    const args = ['-digest', hash.toString('hex'), '-in', 'check.tst', '-token_in', '-CAfile', 'ca.pem'];
    return this.#openssl('ts', '-verify', ...args).then(
      () => true,
      () => false,
    );
  }

  stop(): void {
    this.#server?.close();
  }
}
