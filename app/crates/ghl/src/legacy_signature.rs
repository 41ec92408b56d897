//! Did HighLevel sign a webhook in its older way? Until it changed to Ed25519 it signed the bytes of each body with RSA
//! (`X-WH-Signature: BASE64`, PKCS#1 v1.5 with SHA-256; HighLevel API, webhook signatures).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

/// The name of the header, in the spelling of HTTP/2.
pub const HEADER: &str = "x-wh-signature";

/// HighLevel's RSA key, as it is published: a SubjectPublicKeyInfo in Base64.
const PUBLISHED: &str = concat!(
    "MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEAokvo/r9tVgcfZ5DysOSCFrm602qYV0MaAiNnX9O8KxMbiyRKWeL9JpCp",
    "Vpt4XHIcBOK4u3cLSqJGOLaPuXw6dO0t6Q/ZVdAV5Phz+ZtzPL16iCGeK9po6D6JHBpbi989mmzMryUnQJezlYJ3DVfBcsedpinh",
    "eNnyYeFXolrJvcsjDtfAeRx5ByHQmTnSdFUzuAnC9/GepgLT9SM4nCpvuxmZMxrJt5Rw+VUaQ9B8JSvbMPpez4peKaJPZHBbU3Od",
    "eCVx5klVXXZQGNHOs8gF3kvoV5rTnXV0IknLBXlcKKAQLZcY/Q9rG6Ifi9c+5vqlvHPCUJFT5XUGG5RKgOKUJ062fRtN+rLYZUV+",
    "BjafxQauvC8wSWeYja63VSUruvmNj8xkx2zE/Juc+yjLjTXpIocmaiFeAO6fUtNjDeFVkhf5LNb59vECyrHD2SQIrhgXpO4Q3dVN",
    "A5rw576PwTzNh/AMfHKIjE4xQA1SZuYJmNnmVZLIZBlQAF9Ntd03rfadZ+yDiOXCCs9FkHibELhCHULgCsnuDJHcrGNd5/Ddm5hx",
    "GQ0ASitgHeMZ0kcIOwKDOzOU53lDza6/Y09T7sYJPQe7z0cvj7aE4B+Ax1ZoZGPzpJlZtGXCsu9aTEGEnKzmsFqwcSsnw3JB31IG",
    "KAykT1hhTiaCeIY/OwwwNUY2yvcCAwEAAQ=="
);

/// How many bytes of a SubjectPublicKeyInfo of such a length stand before the RSA key itself (RFC 8017, appendix A.1).
const BEFORE_KEY: usize = 24;

/// Whether HighLevel's RSA key signed these bytes. False for a header that is not a signature.
#[must_use]
pub fn verify(body: &[u8], header: &str) -> bool {
    is_signed_by(PUBLISHED, body, header)
}

fn is_signed_by(key: &str, body: &[u8], header: &str) -> bool {
    let (Ok(key), Ok(signature)) = (STANDARD.decode(key), STANDARD.decode(header)) else { return false };
    let key = key.get(BEFORE_KEY..).unwrap_or_default();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key).verify(body, &signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key for tests, whose private half is gone.
    const KEY: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAn93n6l9ZuCUuvc/UMo9xpBxc2QDlj6Cz6ZbRefiSRAsNaKfsVt+ji+ZWy4Maa62rzigNmJoSUhjEue6MgK0KlSOcPL4jsTauNyJtvtqT17JkjXC4olMS4GjBkpHyUffKI73cPUpuZhaVtUE/gDeXqLYJlp5wDNMHFKhqXnCIdsb9hWasbSjQEDllUAoA2hscdw6ustWNTYYkXXReGv6GK3oKwI/CuHTBova5EqaMUcabcGIXW5szKIz3Ked94pKgLBbuNfXZIeDJg2fYK75e6jQHbGhWlwlpnewwO3eqTpDYz9pIMeAgCleb1GSxyOri8Gdss2DsyJ+f4kT41FPmpwIDAQAB";
    const BODY: &[u8] = br#"{"type":"INSTALL"}"#;
    const SIGNED: &str = "E1uKircU2yrzuFJ8+bU3Q0ZOvwL9sMcYNEbDyAtXDRdOSv9UlPzDP8TjMQ+5F1wzGdKBqWsOFs0wFw2toht8lDE63NGKY29uvEIGHOIXwsB4XdEK/k8gzT68LWTNpQAS1JOJ9x8kf+djwyaDaF5WAiIAwvZBRjuo71geQr1fDdmmDUtfBFhtl/15ROf5Ld4jAuHFxbPYo5bJoCn+FE+WNouMK8Q2DYmVEPMhoc3OhCVHheJbPg54oX7F7Qk6VP5qnoINMDMMh9TrvYpvp0xqfNiX32+I/s7ZQRRDCGqhm6EAsEcu5f4tqAI+5wPK6jO7ZLNdv3yqkt6trHhjDzkhBQ==";

    #[test]
    fn the_key_must_have_signed_and_every_byte_counts() {
        assert!(is_signed_by(KEY, BODY, SIGNED));
        assert!(!verify(BODY, SIGNED), "it is not HighLevel's key");
        for at in 0..BODY.len() {
            let mut other = BODY.to_vec();
            other[at] ^= 1;
            assert!(!is_signed_by(KEY, &other, SIGNED), "byte {at}");
        }
        for header in ["", "N/A", "ä", &SIGNED[..SIGNED.len() - 4], &format!("{SIGNED} ")] {
            assert!(!is_signed_by(KEY, BODY, header), "{header}");
        }
        for key in ["", "no key", &KEY[..KEY.len() - 4]] {
            assert!(!is_signed_by(key, BODY, SIGNED), "{key}");
        }
    }

    #[test]
    fn the_published_key_is_one_of_4096_bits() {
        let key = STANDARD.decode(PUBLISHED).unwrap();
        assert_eq!((key.len(), &key[BEFORE_KEY..BEFORE_KEY + 4]), (550, &[0x30, 0x82, 0x02, 0x0a][..]));
    }
}
