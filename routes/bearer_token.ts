/**
 * Reads the credentials of a request: a key of proxy mode, or an embed token.
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 * @module
 */

/** The token in `Authorization: Bearer …`; undefined where the header is missing or has another form. */
export function readBearerToken(headers: Headers): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
}
