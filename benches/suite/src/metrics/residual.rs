//! How large the residual is, and where it stands between the loudspeakers.

use acetate_audio::Audio;
use serde::Serialize;

use super::power_db;

/// The difference between output and reference.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Residual {
    /// Power relative to the reference, dB.
    pub level_db: f64,
    /// Side over mid of the residual minus side over mid of the reference, dB: above 0 it is wider than the music. `None` but for stereo.
    pub width_change_db: Option<f64>,
}

/// Size and place of the residual of an output against its (level-matched) reference.
pub fn residual(reference: &Audio, output: &Audio) -> Residual {
    let (mut music, mut rest) = (MidSide::default(), MidSide::default());
    let right = reference.planes().len().min(2) - 1;
    let (x, y) = (reference.planes(), output.planes());
    for i in 0..reference.frames() {
        music.add(x[0][i], x[right][i]);
        rest.add(y[0][i] - x[0][i], y[right][i] - x[right][i]);
    }
    let stereo = reference.planes().len() == 2;
    Residual {
        level_db: power_db(rest.total() / music.total().max(1e-30)),
        width_change_db: stereo.then(|| rest.width_db() - music.width_db()),
    }
}

#[derive(Default)]
struct MidSide {
    mid: f64,
    side: f64,
}

impl MidSide {
    fn add(&mut self, left: f32, right: f32) {
        let (left, right) = (f64::from(left), f64::from(right));
        self.mid += (left + right) * (left + right) / 4.0;
        self.side += (left - right) * (left - right) / 4.0;
    }

    fn total(&self) -> f64 {
        self.mid + self.side
    }

    fn width_db(&self) -> f64 {
        power_db(self.side / self.mid.max(1e-30))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_residual_on_one_side_of_centred_music_is_wide() {
        let mono: Vec<f32> = (0..1000).map(|i| libm::sinf(i as f32 * 0.1)).collect();
        let clipped: Vec<f32> = mono.iter().map(|x| x.clamp(-0.9, 0.9)).collect();
        let both = Audio::from_planes(48_000, vec![mono.clone(), mono.clone()]);
        let left = Audio::from_planes(48_000, vec![clipped.clone(), mono]);
        let centred = Audio::from_planes(48_000, vec![clipped.clone(), clipped]);
        assert!(residual(&both, &left).width_change_db.unwrap() > 50.0);
        assert!(residual(&both, &centred).width_change_db.unwrap().abs() < 1e-9);
    }
}
