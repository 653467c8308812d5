//! Stems beside a song that was measured already: are they its stems, and all of them?

use acetate_audio::Mono;
use acetate_audio::numbers::number;

use super::{Stems, unmastered};
use crate::stems_error::StemsError;
use crate::{Error, Input, Observer, Song};

/// Stems that are longer or shorter than the song by less than this are as long as it, seconds: encoders add as much.
const SAME_LENGTH_S: f64 = 0.1;

/// Stems of which a song has a rest louder than this do not add up to it, dB re the song: half of its power is in none of them, and what
/// covers each of them is another sound than theirs.
const REST_DB_MAX: f64 = -3.0;

/// Those of `found` that may be stems of a song: not the song itself, and no masters of acetate; and those that are left out, with why.
///
/// # Errors
/// When none is left.
pub fn stems_beside(song: &Input, found: &[Input]) -> Result<(Vec<Input>, Vec<String>), Error> {
    let own = song.path().and_then(|song| song.canonicalize().ok());
    let paths = found.iter().filter_map(Input::path).map(ToOwned::to_owned);
    let (songs, files): (Vec<_>, Vec<_>) =
        paths.partition(|path| own.is_some() && path.canonicalize().ok() == own);
    let (files, mastered) = unmastered(files);
    if files.is_empty() {
        return Err(StemsError::None.into());
    }
    let songs = songs.iter().map(|path| format!("{} is the song itself", path.display()));
    let mastered =
        mastered.iter().map(|path| format!("{} is a mastered stem of acetate", path.display()));
    Ok((files.iter().map(Input::file).collect(), songs.chain(mastered).collect()))
}

impl Song {
    /// Lays stems beside the song that they are of: what is to be said of that, a line each, first of those that are not as long;
    /// nothing without a stem.
    ///
    /// # Errors
    /// When one cannot be read again, they do not sound like the song or are less than half of it, or one of them is a mix of the others.
    pub fn compare_stems(
        &self,
        stems: &[Self],
        observer: &mut dyn Observer,
    ) -> Result<Vec<String>, Error> {
        if stems.is_empty() {
            return Ok(Vec::new());
        }
        let song_s = self.source().duration_s();
        let other =
            stems.iter().filter(|stem| (stem.source().duration_s() - song_s).abs() > SAME_LENGTH_S);
        let seconds = |song: &Self| number(Some(song.source().duration_s()), 1);
        let told = |stem: &Self| {
            let (name, own, song) = (stem.stem(), seconds(stem), seconds(self));
            format!(
                "{name} is {own} s long and the song {song} s: stems are heard as far as the shortest goes"
            )
        };
        let mut lines: Vec<String> = other.map(told).collect();
        let sources = stems.iter().map(|stem| (stem.stem().to_owned(), stem.source().clone()));
        let mix = Some(self.clone());
        let stems = Stems::of(sources.collect(), self.stem(), mix, Mono::Dual, observer)?;
        if let Some(rest_db) =
            stems.in_mix().map(|found| found.rest_db).filter(|&db| db > REST_DB_MAX)
        {
            let mix = self.name().to_owned();
            return Err(StemsError::NotTheSum { mix, rest_db }.into());
        }
        lines.extend(stems.in_mix().map(|found| found.lines()).unwrap_or_default());
        Ok(lines)
    }
}
