/**
 * The certificate that the server speaks HTTPS with: two PEM files, which are read again while the server runs, because
 * certificates are renewed every few weeks.
 * @module
 */
import { createPrivateKey, X509Certificate } from "node:crypto";

/** Where the certificate is. */
export interface CertificateFiles {
  /** The certificate, followed by those of its issuers, in PEM format. */
  readonly certFile: string;
  /** Its private key in PEM format. */
  readonly keyFile: string;
}

/** Why a pair of files cannot be used. The message holds nothing of the key. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
  /** The file with the fault. */
  readonly file: keyof CertificateFiles;

  constructor(file: keyof CertificateFiles, wanted: string, cause: unknown) {
    super(`wanted ${wanted}`, { cause });
    this.file = file;
  }
}

/**
 * Reads both files, and checks that they belong together.
 * @param readText reads a file
 * @throws {CertificateError} when one is unreadable, not PEM, or the key is of another certificate
 */
export function readCertificate(
  { certFile, keyFile }: CertificateFiles,
  readText: (path: string) => string,
): Deno.TlsCertifiedKeyPem {
  const [cert, x509] = attempt("certFile", "the path of a certificate in PEM format", () => {
    const text = readText(certFile);
    return [text, new X509Certificate(text)] as const;
  });
  const [key, privateKey] = attempt("keyFile", "the path of a private key in PEM format, without a password", () => {
    const text = readText(keyFile);
    return [text, createPrivateKey(text)] as const;
  });
  attempt("keyFile", "the key of the certificate", () => {
    if (!x509.checkPrivateKey(privateKey)) throw new RangeError("They do not belong together");
  });
  return { cert, key };
}

function attempt<T>(file: keyof CertificateFiles, wanted: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new CertificateError(file, wanted, error);
  }
}

/** A certificate that follows its files. */
export class Certificate {
  readonly #files: CertificateFiles;
  readonly #readText: (path: string) => string;
  #pair: Deno.TlsCertifiedKeyPem;
  /** The last warning, so that the same one is not printed at each check. */
  #warning = "";

  /** @throws {CertificateError} when the files cannot be used */
  constructor(files: CertificateFiles, readText: (path: string) => string = Deno.readTextFileSync) {
    this.#files = files;
    this.#readText = readText;
    this.#pair = readCertificate(files, readText);
  }

  /** The certificate and its key. */
  get pair(): Deno.TlsCertifiedKeyPem {
    return this.#pair;
  }

  /**
   * Reads the files again. Files that cannot be used change nothing: one of the two may be written a moment later.
   * @returns whether there is a new pair
   */
  refresh(): boolean {
    try {
      const pair = readCertificate(this.#files, this.#readText);
      const isNew = pair.cert !== this.#pair.cert || pair.key !== this.#pair.key;
      this.#pair = pair;
      this.#warning = "";
      return isNew;
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error;
      this.#warn(`${this.#files[error.file]}: ${error.message}. The certificate stays as it was.`);
      return false;
    }
  }

  #warn(warning: string): void {
    if (warning !== this.#warning) console.warn(`WARNING: ${warning}`);
    this.#warning = warning;
  }
}
