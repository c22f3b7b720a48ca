/**
 * The headers of every answer to a browser (S4; ASVS v5.0.0-3.4, OWASP Secure Headers): nothing is loaded from or sent to
 * elsewhere, nothing is kept, nothing may frame the page; HSTS, a year, where the public URL is https. A plain record,
 * made once: a Headers object for each answer would cost more than the rest of it.
 */
export function securityHeaders(publicUrl: URL): Record<string, string> {
  return {
    'Content-Security-Policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=()',
    'X-Robots-Tag': 'noindex',
    'Cache-Control': 'no-store',
    ...(publicUrl.protocol === 'https:' ? { 'Strict-Transport-Security': 'max-age=31536000' } : {}),
  };
}
