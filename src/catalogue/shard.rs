//! Which songs of a list are whose.

use std::fmt;
use std::str::FromStr;

use md5::{Digest, Md5};

use crate::Error;

/// One of so many equal parts of a list, counted from 0. Which part a song falls into follows from its name alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u64,
    count: u64,
}

impl Shard {
    /// All of a list.
    pub const ALL: Self = Self { index: 0, count: 1 };

    /// Part `index` of `count`.
    ///
    /// # Errors
    /// When there is no such part.
    pub fn new(index: u64, count: u64) -> Result<Self, Error> {
        if index < count {
            return Ok(Self { index, count });
        }
        Err(Error::NoShard { index, count })
    }

    /// Is a song of this name in it?
    pub fn holds(self, name: &str) -> bool {
        if self.count == 1 {
            return true;
        }
        let hash: [u8; 16] = Md5::digest(name).into();
        let half = hash.first_chunk().expect("16 bytes hold 8");
        u64::from_le_bytes(*half) % self.count == self.index
    }

    /// May a song be in both? Parts of different divisions share songs where their indices agree in what the counts have in common.
    pub fn meets(self, other: Self) -> bool {
        let common = greatest_common_divisor(self.count, other.count);
        self.index % common == other.index % common
    }

    /// The name of its folder in a ledger: `3-of-16`.
    pub(super) fn folder(self) -> String {
        format!("{}-of-{}", self.index, self.count)
    }

    /// The shard of a folder.
    pub(super) fn of_folder(name: &str) -> Option<Self> {
        let (index, count) = name.split_once("-of-")?;
        Self::new(index.parse().ok()?, count.parse().ok()?).ok()
    }
}

impl Default for Shard {
    fn default() -> Self {
        Self::ALL
    }
}

/// `3/16`.
impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text
            .split_once('/')
            .and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        let (index, count) = parsed.ok_or("it takes I/N, such as 0/16")?;
        Self::new(index, count).map_err(|error| error.to_string())
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_song_is_in_one_shard_however_the_list_grows() {
        let shards: Vec<Shard> = (0..7).map(|index| Shard::new(index, 7).unwrap()).collect();
        let mut sizes = [0; 7];
        for song in 0..7_000 {
            let name = format!("music/{song}.flac");
            let whose: Vec<usize> = (0..7).filter(|&index| shards[index].holds(&name)).collect();
            assert_eq!(whose.len(), 1, "{name}");
            sizes[whose[0]] += 1;
        }
        assert!(sizes.iter().all(|&size| (900..1_100).contains(&size)), "{sizes:?}");
    }

    #[test]
    fn shards_that_cannot_share_a_song_do_not_meet() {
        let shard = |text: &str| text.parse::<Shard>().unwrap();
        for (one, other) in [("3/16", "3/32"), ("3/16", "19/32"), ("3/16", "0/1"), ("1/2", "2/3")] {
            assert!(shard(one).meets(shard(other)), "{one} {other}");
            assert!(shard(other).meets(shard(one)), "{one} {other}");
        }
        assert!(!shard("3/16").meets(shard("4/32")) && !shard("0/2").meets(shard("1/2")));
    }

    #[test]
    fn shards_count_from_0() {
        let wrong = |text: &str| text.parse::<Shard>().unwrap_err();
        assert_eq!(wrong("16/16"), "there is no shard 16 of 16: they count from 0 to 15");
        assert_eq!(wrong("0/0"), "there is no shard 0 of 0: there is at least one");
        assert_eq!(wrong("3"), "it takes I/N, such as 0/16");
        assert_eq!("3/16".parse::<Shard>().unwrap().to_string(), "3/16");
        assert_eq!(Shard::of_folder("3-of-16"), "3/16".parse().ok());
    }
}
