//! The secret that makes a request ours.

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

/// Bytes of the secret: nobody guesses 256 bits.
const BYTES: usize = 32;

/// The secret of one run.
pub(super) struct Token {
    text: String,
    hash: [u8; 32],
}

impl Token {
    /// A new one, from the system's random numbers.
    pub(super) fn new() -> Result<Self, getrandom::Error> {
        let text = random_name()?;
        Ok(Self { hash: hash(&text), text })
    }

    /// The secret as it is written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Is it this? Hashes are compared, so that the time it takes tells nothing about the secret.
    pub(super) fn is(&self, given: &str) -> bool {
        let (ours, theirs) = (self.hash, hash(given));
        ours.iter().zip(theirs).fold(0, |differ, (one, other)| differ | (one ^ other)) == 0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

/// A name that nobody guesses.
pub(super) fn random_name() -> Result<String, getrandom::Error> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_itself_and_nothing_else() {
        let token = Token::new().unwrap();
        assert!(token.is(token.text()));
        assert_eq!(token.text().len(), 43);
        for wrong in ["", "x", &token.text()[1..], &format!("{} ", token.text())] {
            assert!(!token.is(wrong));
        }
        assert_ne!(Token::new().unwrap().text(), token.text());
        assert!(!format!("{token:?}").contains(token.text()));
    }
}
