//! The codes of a record: ISRC for a recording, EAN or UPC for the product.

use std::fmt;

use thiserror::Error;

/// Letters and digits of an ISRC without dashes (ISO 3901).
const ISRC_LENGTH: usize = 12;
/// Digits of an EAN-13 (GS1 General Specifications); a UPC-A is one with a leading zero.
const EAN_LENGTH: usize = 13;

/// International Standard Recording Code (ISO 3901): 2 letters, 3 letters or digits, 2 digits of the year, 5 digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Isrc(String);

impl Isrc {
    /// Reads a code as it is stored (`DEA122600001`) or printed (`DE-A12-26-00001`), in capitals or not.
    ///
    /// # Errors
    /// When it is not one, with the place where it stops being one. An ISRC has no check digit.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let code: Vec<char> =
            text.chars().filter(|&c| c != '-').map(|c| c.to_ascii_uppercase()).collect();
        if code.len() != ISRC_LENGTH {
            return Err(CodeError::IsrcLength { given: text.to_owned(), found: code.len() });
        }
        for (index, &found) in code.iter().enumerate() {
            let (fits, expected) = match index {
                0 | 1 => (found.is_ascii_uppercase(), "a letter"),
                2..5 => (found.is_ascii_uppercase() || found.is_ascii_digit(), "a letter or digit"),
                _ => (found.is_ascii_digit(), "a digit"),
            };
            if !fits {
                let given = text.to_owned();
                return Err(CodeError::IsrcForm { given, found, place: index + 1, expected });
            }
        }
        Ok(Self(code.into_iter().collect()))
    }

    /// The twelve characters that a disc and a file store.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it is printed: `DE-A12-26-00001`.
    pub fn printed(&self) -> String {
        let code = &self.0;
        format!("{}-{}-{}-{}", &code[..2], &code[2..5], &code[5..7], &code[7..])
    }
}

/// For machines: without dashes.
impl fmt::Display for Isrc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// International Article Number of the product, 13 digits; a UPC of 12 digits is one with a leading zero.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ean(String);

impl Ean {
    /// Reads 12 or 13 digits; spaces and dashes between them are dropped.
    ///
    /// # Errors
    /// When there are more or fewer digits, or the last one does not check.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let given = || text.to_owned();
        let mut digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        if let Some(found) = digits.chars().find(|c| !c.is_ascii_digit()) {
            return Err(CodeError::EanDigit { given: given(), found });
        }
        if digits.len() == EAN_LENGTH - 1 {
            digits.insert(0, '0');
        }
        if digits.len() != EAN_LENGTH {
            return Err(CodeError::EanLength { given: given(), found: digits.len() });
        }
        let (body, last) = digits.split_at(EAN_LENGTH - 1);
        let expected = check_digit(body);
        if last != expected.to_string() {
            return Err(CodeError::EanCheck { given: given(), found: last.to_owned(), expected });
        }
        Ok(Self(digits))
    }

    /// Thirteen digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Ean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What brings the sum of the digits, weighted 1, 3, 1, 3, ..., to a multiple of ten.
fn check_digit(twelve: &str) -> u32 {
    let weights = [1, 3].iter().cycle();
    let digits = twelve.bytes().map(|byte| u32::from(byte - b'0'));
    let sum: u32 = digits.zip(weights).map(|(digit, weight)| digit * weight).sum();
    (10 - sum % 10) % 10
}

/// Why a code is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CodeError {
    /// An ISRC of another length.
    #[error("ISRC {given:?} has {found} letters and digits, not {ISRC_LENGTH}")]
    IsrcLength {
        /// What was given.
        given: String,
        /// Its length without dashes.
        found: usize,
    },
    /// A character that an ISRC does not have at this place.
    #[error(
        "ISRC {given:?} has {found:?} as character {place}, where {expected} stands (two letters, three letters or digits, seven digits)"
    )]
    IsrcForm {
        /// What was given.
        given: String,
        /// The character.
        found: char,
        /// Its place without dashes, from 1.
        place: usize,
        /// What may stand there.
        expected: &'static str,
    },
    /// A character that is no digit.
    #[error("UPC/EAN {given:?} has {found:?}, which is no digit")]
    EanDigit {
        /// What was given.
        given: String,
        /// The character.
        found: char,
    },
    /// Neither 12 nor 13 digits.
    #[error("UPC/EAN {given:?} has {found} digits, not 12 or {EAN_LENGTH}")]
    EanLength {
        /// What was given.
        given: String,
        /// Its digits.
        found: usize,
    },
    /// A digit was mistyped.
    #[error(
        "UPC/EAN {given:?} ends in {found}, its check digit is {expected}: a digit is mistyped"
    )]
    EanCheck {
        /// What was given.
        given: String,
        /// The last digit.
        found: String,
        /// What it would have to be.
        expected: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_isrc_is_read_as_stored_and_as_printed() {
        let stored = Isrc::parse("DEA122600001").unwrap();
        assert_eq!(Isrc::parse("de-a12-26-00001").unwrap(), stored);
        assert_eq!(stored.printed(), "DE-A12-26-00001");
        assert_eq!(stored.as_str(), "DEA122600001");
    }

    #[test]
    fn an_error_of_an_isrc_names_the_place() {
        let error = Isrc::parse("D1A122600001").unwrap_err();
        assert!(matches!(error, CodeError::IsrcForm { place: 2, found: '1', .. }), "{error}");
        let error = Isrc::parse("DEA12260000O").unwrap_err();
        assert!(matches!(error, CodeError::IsrcForm { place: 12, found: 'O', .. }), "{error}");
        let error = Isrc::parse("DEA12260001").unwrap_err();
        assert!(matches!(error, CodeError::IsrcLength { found: 11, .. }), "{error}");
        assert!(Isrc::parse("ÄEA122600001").is_err());
    }

    #[test]
    fn a_upc_is_an_ean_with_a_leading_zero() {
        // The examples of the GS1 check digit calculator.
        assert_eq!(Ean::parse("4006381333931").unwrap().as_str(), "4006381333931");
        assert_eq!(Ean::parse("0 36000 29145 2").unwrap().as_str(), "0036000291452");
    }

    #[test]
    fn one_mistyped_digit_never_passes() {
        let right = "4006381333931";
        for place in 0..right.len() {
            for digit in '0'..='9' {
                let mut typed: Vec<char> = right.chars().collect();
                typed[place] = digit;
                let typed: String = typed.into_iter().collect();
                assert_eq!(Ean::parse(&typed).is_ok(), typed == right, "{typed}");
            }
        }
    }

    #[test]
    fn the_error_says_which_check_digit_is_right() {
        let error = Ean::parse("4006381333930").unwrap_err();
        assert!(error.to_string().contains("its check digit is 1"), "{error}");
        assert!(matches!(Ean::parse("40063813"), Err(CodeError::EanLength { found: 8, .. })));
        assert!(matches!(Ean::parse("400638133393x"), Err(CodeError::EanDigit { found: 'x', .. })));
    }
}
