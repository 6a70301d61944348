//! The `Stripe-Signature` of a webhook: `t=<seconds>,v1=<hex>[,v1=<hex>]`, HMAC-SHA256 over `<seconds>.<body>`.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Why a body is not taken for Stripe's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no header.
    #[error("there is no signature")]
    Missing,
    /// The header is not of the form above.
    #[error("the signature is malformed")]
    Malformed,
    /// It bears no signature of scheme `v1`, the only one that is safe.
    #[error("there is no signature of scheme v1")]
    Scheme,
    /// It was signed longer ago than is tolerated: somebody may be sending again what they overheard.
    #[error("the signature is too old")]
    Old,
    /// It was signed further in the future than clocks may differ.
    #[error("the signature is of the future")]
    Future,
    /// No secret makes any of its signatures.
    #[error("the signature is not of this body and these secrets")]
    Forged,
}

/// Whether `payload`, the body to the byte, was signed by one of `secrets` at most `tolerance_secs` from `now_secs`.
///
/// There are several secrets while one is being replaced, and Stripe then signs with each. An empty one is no secret and signs
/// nothing.
pub fn verify(payload: &[u8], header: &str, secrets: &[&str], now_secs: i64, tolerance_secs: i64) -> Result<(), Refused> {
    let (time, signatures) = parts(header)?;
    let signed: i64 = time.parse().map_err(|_| Refused::Malformed)?;
    if now_secs.saturating_sub(signed) > tolerance_secs {
        return Err(Refused::Old);
    }
    if signed.saturating_sub(now_secs) > tolerance_secs {
        return Err(Refused::Future);
    }
    let made = |secret: &&str| {
        let mac = mac(payload, secret, time);
        // In constant time, so that how long it takes does not tell how much of a guess is right.
        signatures.iter().any(|signature| mac.clone().verify_slice(signature).is_ok())
    };
    if secrets.iter().filter(|secret| !secret.is_empty()).any(made) { Ok(()) } else { Err(Refused::Forged) }
}

/// The header that Stripe would send with `payload` at the time `t`: for tests of those who verify.
#[must_use]
pub fn sign(payload: &[u8], secret: &str, t: i64) -> String {
    let signature = mac(payload, secret, &t.to_string()).finalize().into_bytes();
    format!("t={t},v1={}", hex::encode(signature))
}

/// The time as it was signed, and the signatures of scheme `v1`. What is no hexadecimal is the signature of nothing.
fn parts(header: &str) -> Result<(&str, Vec<Vec<u8>>), Refused> {
    if header.is_empty() {
        return Err(Refused::Missing);
    }
    let (mut time, mut signatures, mut versioned) = (None, Vec::new(), false);
    for part in header.split(',') {
        match part.split_once('=').ok_or(Refused::Malformed)? {
            ("t", value) => {
                let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
                if !digits || time.replace(value).is_some() {
                    return Err(Refused::Malformed);
                }
            }
            ("v1", value) => {
                versioned = true;
                signatures.extend(hex::decode(value));
            }
            // Other schemes: `v0` is that of test events, and what is to come is not known.
            _ => {}
        }
    }
    let time = time.ok_or(Refused::Malformed)?;
    if versioned { Ok((time, signatures)) } else { Err(Refused::Scheme) }
}

fn mac(payload: &[u8], secret: &str, time: &str) -> Hmac<Sha256> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(payload);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":"evt_1","type":"invoice.paid"}"#;
    const SECRET: &str = "whsec_one";
    const SIGNED: i64 = 1_790_000_000;

    fn at(now: i64, header: &str) -> Result<(), Refused> {
        verify(BODY, header, &[SECRET], now, 300)
    }

    fn hex_of(secret: &str) -> String {
        sign(BODY, secret, SIGNED).split_once("v1=").unwrap().1.to_owned()
    }

    #[test]
    fn a_signature_is_that_of_the_algorithm() {
        // printf %s '1790000000.{"id":"evt_1","type":"invoice.paid"}' | openssl dgst -sha256 -hmac whsec_one
        let known = "8f72558e9b19af01ceee97948bf0523e51726c6bae78bf9c4adcc9254cbc3105";
        assert_eq!(sign(BODY, SECRET, SIGNED), format!("t=1790000000,v1={known}"));
        assert_eq!(at(SIGNED, &sign(BODY, SECRET, SIGNED)), Ok(()));
    }

    #[test]
    fn any_other_body_time_or_secret_is_refused() {
        let header = sign(BODY, SECRET, SIGNED);
        for changed in 0..BODY.len() {
            let mut body = BODY.to_vec();
            body[changed] ^= 1;
            assert_eq!(verify(&body, &header, &[SECRET], SIGNED, 300), Err(Refused::Forged), "byte {changed}");
        }
        assert_eq!(verify(&[BODY, b" "].concat(), &header, &[SECRET], SIGNED, 300), Err(Refused::Forged));
        assert_eq!(verify(b"", &header, &[SECRET], SIGNED, 300), Err(Refused::Forged));
        // The time is signed too, to the letter.
        assert_eq!(at(SIGNED, &header.replace("t=1790000000", "t=1790000001")), Err(Refused::Forged));
        assert_eq!(at(SIGNED, &header.replace("t=1790000000", "t=01790000000")), Err(Refused::Forged));
        assert_eq!(at(SIGNED, &sign(BODY, "whsec_two", SIGNED)), Err(Refused::Forged));
        assert_eq!(at(SIGNED, &format!("t={SIGNED},v1={}", "0".repeat(64))), Err(Refused::Forged));
        // The beginning of a signature is none.
        assert_eq!(at(SIGNED, &header[..header.len() - 2]), Err(Refused::Forged));
    }

    #[test]
    fn every_secret_of_a_rotation_counts_and_no_empty_one() {
        let header = sign(BODY, "whsec_new", SIGNED);
        assert_eq!(verify(BODY, &header, &[SECRET, "whsec_new"], SIGNED, 300), Ok(()));
        assert_eq!(verify(BODY, &header, &["whsec_new", SECRET], SIGNED, 300), Ok(()));
        assert_eq!(verify(BODY, &header, &[], SIGNED, 300), Err(Refused::Forged));
        assert_eq!(verify(BODY, &sign(BODY, "", SIGNED), &["", SECRET], SIGNED, 300), Err(Refused::Forged));
    }

    #[test]
    fn one_good_signature_among_several_is_enough() {
        let (good, other) = (hex_of(SECRET), hex_of("whsec_old"));
        assert_eq!(at(SIGNED, &format!("t={SIGNED},v1={other},v1={good}")), Ok(()));
        assert_eq!(at(SIGNED, &format!("t={SIGNED},v1={good},v1={other},v0=abc,v2=new")), Ok(()));
        assert_eq!(at(SIGNED, &format!("v1=no hex,v1={good},t={SIGNED}")), Ok(()));
        assert_eq!(at(SIGNED, &format!("t={SIGNED},v1={other},v1=")), Err(Refused::Forged));
        // Two ways to write the same bytes.
        assert_eq!(at(SIGNED, &format!("t={SIGNED},v1={}", good.to_uppercase())), Ok(()));
        assert_eq!(at(SIGNED, &format!("t={SIGNED},v0={good}")), Err(Refused::Scheme));
        assert_eq!(at(SIGNED, &format!("t={SIGNED}")), Err(Refused::Scheme));
        // Names are exact.
        assert_eq!(at(SIGNED, &format!("t={SIGNED}, v1={good}")), Err(Refused::Scheme));
        assert_eq!(at(SIGNED, &format!("t={SIGNED},V1={good}")), Err(Refused::Scheme));
    }

    #[test]
    fn the_window_has_two_edges() {
        let header = sign(BODY, SECRET, SIGNED);
        assert_eq!(at(SIGNED + 300, &header), Ok(()));
        assert_eq!(at(SIGNED + 301, &header), Err(Refused::Old));
        assert_eq!(at(SIGNED - 300, &header), Ok(()));
        assert_eq!(at(SIGNED - 301, &header), Err(Refused::Future));
        assert_eq!(verify(BODY, &header, &[SECRET], SIGNED, 0), Ok(()));
        assert_eq!(verify(BODY, &header, &[SECRET], SIGNED + 1, 0), Err(Refused::Old));
        // Neither end of time overflows.
        assert_eq!(at(i64::MAX, &sign(BODY, SECRET, 0)), Err(Refused::Old));
        assert_eq!(at(i64::MIN, &sign(BODY, SECRET, i64::MAX)), Err(Refused::Future));
    }

    #[test]
    fn garbage_is_refused() {
        let good = hex_of(SECRET);
        assert_eq!(at(SIGNED, ""), Err(Refused::Missing));
        for header in [
            " ",
            ",",
            "t",
            "=",
            "hello",
            "t=,v1=",
            &format!("v1={good}"),
            &format!("t=,v1={good}"),
            &format!("t=-{SIGNED},v1={good}"),
            &format!("t=+{SIGNED},v1={good}"),
            &format!("t= {SIGNED},v1={good}"),
            &format!("t=99999999999999999999,v1={good}"),
            &format!("t={SIGNED}.5,v1={good}"),
            &format!("t=١٧٩,v1={good}"),
            &format!("t={SIGNED},t={SIGNED},v1={good}"),
            &format!("t={SIGNED};v1={good}"),
            &format!("t={SIGNED},v1={good},"),
        ] {
            assert_eq!(at(SIGNED, header), Err(Refused::Malformed), "{header}");
        }
    }
}
