//! Three masters of one song that differ audibly, to be picked by ear.

use acetate_optimizer::words_of_change;
use acetate_references::aim::leans;

use crate::page::{SoundInPage, named_listening_page};
use crate::{Error, Observer, Output, Plan, Request, Song};

/// How many choices there are: as the request has it, and leaning to either side of that.
pub const CHOICES: usize = 3;

/// What they are called, so that the name says nothing.
const LETTERS: [char; CHOICES] = ['A', 'B', 'C'];

/// One of the masters to choose from.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What it is called: A, B or C. Which of them leans to what is another order for every song.
    pub letter: char,
    /// What would be done.
    pub plan: Plan,
    /// How it differs from the master without a choice, in plain words: "warmer: bass +1.6 dB, presence -1.2 dB". To be read after
    /// the choice.
    pub words: String,
}

impl Song {
    /// Three plans for a request at one loudness: as it is, and leaning to either side along what records like this one differ in
    /// most (`acetate_references::aim::leans`).
    ///
    /// # Errors
    /// Those of [`Song::suggest`].
    pub fn choices(
        &self,
        request: &Request,
        observer: &mut dyn Observer,
    ) -> Result<Vec<Choice>, Error> {
        let [one, other] = leans(self.analysis());
        let requests =
            [request.clone(), request.clone().leaning(one), request.clone().leaning(other)];
        // One of the six orders of three, by the song: where the first is, and whether the others go up or down from there.
        let first = usize::from(self.pcm_md5()?.as_bytes()[0]);
        let place = |letter: usize| (first + letter * (1 + first / CHOICES % 2)) % CHOICES;
        let choose = |(index, letter): (usize, char)| {
            let plan = self.suggest(&requests[place(index)], observer)?;
            Ok(Choice { letter, plan, words: String::new() })
        };
        let mut choices: Vec<Choice> =
            LETTERS.into_iter().enumerate().map(choose).collect::<Result<_, Error>>()?;
        let plain = (0..CHOICES).find(|&letter| place(letter) == 0).expect("it is one of them");
        let upright_db = expected_db(&choices[plain].plan);
        for choice in &mut choices {
            let change_db: Vec<Option<f64>> = expected_db(&choice.plan)
                .iter()
                .zip(&upright_db)
                .map(|(leant, upright)| Some((*leant)? - (*upright)?))
                .collect();
            choice.words = words_of_change(&change_db, 100.0, 0.0);
        }
        Ok(choices)
    }

    /// A page to hear the choices against each other at one loudness, also blind; `None` when no sound is wanted.
    ///
    /// # Errors
    /// When a choice cannot be rendered, or the observer stops it.
    pub fn choices_page(
        &self,
        choices: &[Choice],
        sound: SoundInPage,
        observer: &mut dyn Observer,
    ) -> Result<Option<String>, Error> {
        let mut versions = Vec::with_capacity(choices.len());
        for choice in choices {
            let master = self.master(&choice.plan, Output::memory(), observer)?;
            let bytes = master.bytes().unwrap_or_default().to_vec();
            versions.push(Song::from_bytes(&choice.letter.to_string(), bytes)?);
        }
        let words: Vec<(String, String)> = choices
            .iter()
            .map(|choice| (choice.letter.to_string(), choice.words.clone()))
            .collect();
        named_listening_page(self.stem(), &versions, &words, sound)
    }
}

/// Third octaves that a plan is expected to give, dB.
fn expected_db(plan: &Plan) -> Vec<Option<f64>> {
    let expected = plan.document.numbers.predicted.as_ref();
    expected.map_or_else(Vec::new, |expected| expected.spectrum.level_db.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use acetate_references::Profile;

    /// Noise that falls by 3 dB an octave, twelve seconds of it.
    fn song() -> Song {
        let mut state = 1u32;
        let mut low = 0.0f32;
        let mut sample = |_: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let white = (state >> 8) as f32 / 8_388_608.0 - 1.0;
            low += 0.1 * (white - low);
            0.1 * (low + 0.2 * white)
        };
        let plane: Vec<f32> = (0..576_000).map(&mut sample).collect();
        Song::from_samples("mix", 48_000, vec![plane; 2]).unwrap()
    }

    /// Level at 100 Hz less that at 8 kHz that is expected of a choice, dB.
    fn tilt_db(choice: &Choice) -> f64 {
        let expected = choice.plan.document.numbers.predicted.as_ref().unwrap();
        let level_db = Profile::from_analysis("choice", expected).spectrum.level_db;
        level_db[6].unwrap() - level_db[25].unwrap()
    }

    #[test]
    fn three_choices_differ_audibly_and_are_as_loud_as_each_other() {
        let choices = song().choices(&Request::default(), &mut ()).unwrap();
        let letters: String = choices.iter().map(|choice| choice.letter).collect();
        assert_eq!(letters, "ABC");
        let mut words: Vec<&str> =
            choices.iter().map(|choice| choice.words.split(':').next().unwrap()).collect();
        words.sort_unstable();
        assert!(words.contains(&"as it is"), "{words:?}");
        words.dedup();
        assert_eq!(words.len(), CHOICES, "{words:?}");
        let mut tilts: Vec<f64> = choices.iter().map(tilt_db).collect();
        tilts.sort_by(f64::total_cmp);
        assert!(tilts[1] - tilts[0] > 1.0 && tilts[2] - tilts[1] > 1.0, "{tilts:?}");
        for choice in &choices {
            let loudness = &choice.plan.document.numbers.predicted.as_ref().unwrap().loudness;
            assert!((loudness.integrated_lufs.unwrap() + 14.0).abs() < 0.1, "{loudness:?}");
        }
    }

    #[test]
    fn the_page_has_the_three_to_hear() {
        let song = song();
        let choices = song.choices(&Request::default(), &mut ()).unwrap();
        let page = song.choices_page(&choices, SoundInPage::Excerpts, &mut ()).unwrap().unwrap();
        assert!(page.contains("<h1>mix</h1>") && page.contains("<dt>B</dt>"));
        assert!(["A", "B", "C"].iter().all(|letter| page.contains(&format!("<b>{letter}</b>"))));
    }
}
