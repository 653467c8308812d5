//! Options of the commands that decide something: `suggest` and `master`.

use acetate::OptionRange;
use clap::{Args, ValueEnum};

use crate::completing;
use crate::mono::MonoArgument;

/// What to aim for, and how far to go.
#[derive(Args, Clone, Debug)]
pub(crate) struct FitArguments {
    #[command(flatten)]
    pub(crate) aim: AimArguments,
    #[command(flatten)]
    pub(crate) taste: TasteArguments,
    #[command(flatten)]
    pub(crate) limits: LimitArguments,
}

/// What to aim for.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Aim")]
pub(crate) struct AimArguments {
    /// Delivery rules: an id (see `acetate targets list`) or a target file [default: streaming]
    #[arg(short, long, visible_alias = "platform", value_name = "ID|FILE", add = completing::targets())]
    pub(crate) target: Vec<String>,
    /// A record to lean to: a file or an id of the library; repeatable, with a weight
    #[arg(short, long, value_name = "FILE|ID[:WEIGHT]", add = completing::references())]
    pub(crate) reference: Vec<String>,
    /// Take the tone from another record
    #[arg(long, value_name = "FILE|ID", add = completing::references())]
    pub(crate) ref_tone: Option<String>,
    /// Take the dynamics from another record
    #[arg(long, value_name = "FILE|ID", add = completing::references())]
    pub(crate) ref_dynamics: Option<String>,
    /// Take the width from another record
    #[arg(long, value_name = "FILE|ID", add = completing::references())]
    pub(crate) ref_width: Option<String>,
    /// Style whose records the mix is judged by when no reference is given; auto judges by those that it is like: commercial records,
    /// and your own in the library (`acetate references add`)
    #[arg(long, value_name = "ID|auto", default_value = "auto", add = completing::styles())]
    pub(crate) style: String,
    /// What to take from the reference [default: tone,dynamics,width; without -t also loudness]
    #[arg(long = "match", value_name = "LIST", value_enum, value_delimiter = ',')]
    pub(crate) take: Option<Vec<AspectArgument>>,
    /// Loudness in place of the target's, in LUFS
    #[arg(long, value_name = "LUFS", allow_negative_numbers = true, value_parser = lufs)]
    pub(crate) lufs: Option<f64>,
    /// True-peak ceiling in place of the target's, in dBTP
    #[arg(long, value_name = "DBTP", allow_negative_numbers = true, value_parser = ceiling)]
    pub(crate) ceiling: Option<f64>,
    /// Also serve these systems, where that wins 20 points there and costs at most 2 phon at home: phone, mono, ...
    #[arg(long = "for", value_name = "LIST", value_delimiter = ',', add = completing::systems())]
    pub(crate) for_systems: Vec<String>,
    #[command(flatten)]
    pub(crate) mono: MonoArgument,
}

/// How far to go.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Taste")]
pub(crate) struct TasteArguments {
    /// How far to go towards the aim, 0 to 150 % [default: 100%]
    #[arg(long, value_name = "PERCENT", allow_negative_numbers = true, value_parser = amount)]
    pub(crate) amount: Option<f64>,
    /// How far the equaliser goes [default: 100%]
    #[arg(long, value_name = "PERCENT", allow_negative_numbers = true, value_parser = amount)]
    pub(crate) tone: Option<f64>,
    /// How far the compressor goes [default: 100%]
    #[arg(long, value_name = "PERCENT", allow_negative_numbers = true, value_parser = amount)]
    pub(crate) dynamics: Option<f64>,
    /// How far the stereo stage goes [default: 100%]
    #[arg(long, value_name = "PERCENT", allow_negative_numbers = true, value_parser = amount)]
    pub(crate) width: Option<f64>,
    /// Add room, in percent; 0 is none
    #[arg(long, value_name = "PERCENT", allow_negative_numbers = true, value_parser = share)]
    pub(crate) reverb: Option<f64>,
    /// Add harmonics, in percent; 0 is none
    #[arg(long, value_name = "PERCENT", allow_negative_numbers = true, value_parser = share)]
    pub(crate) saturation: Option<f64>,
}

/// How the aim is reached, and where to stop.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArguments {
    /// The equaliser's bands together stay within this, in dB; cuts below 80 Hz within twice, the side down to 2.5 times as much
    #[arg(long, value_name = "DB", allow_negative_numbers = true, default_value_t = 12.0, value_parser = max_eq)]
    pub(crate) max_eq: f64,
    /// Loudness stops where noise-to-mask would pass this, in dB
    #[arg(long, value_name = "DB", default_value_t = -10.0, allow_negative_numbers = true, value_parser = max_damage)]
    pub(crate) max_damage: f64,
    /// Lower the ceiling by what this song needs to stay below full scale after these codecs: aac128, ogg160, ... (needs ffmpeg)
    #[arg(long, value_name = "LIST", value_delimiter = ',', add = completing::codecs())]
    pub(crate) codec: Vec<String>,
    /// Go on to the target's loudness whatever the damage
    #[arg(long)]
    pub(crate) force: bool,
    /// How sure a fault must be before it is mended, without a reference
    #[arg(long, value_enum, value_name = "HOW", default_value_t)]
    pub(crate) one_shot: OneShotArgument,
    /// How finely the equaliser follows a reference
    #[arg(long, value_enum, value_name = "HOW", default_value_t)]
    pub(crate) detail: DetailArgument,
    /// Search wider, from more starts; slower
    #[arg(long)]
    pub(crate) thorough: bool,
    /// Which limiter
    #[arg(long, value_enum, value_name = "KIND", default_value_t)]
    pub(crate) limiter: LimiterArgument,
    /// Every random choice is drawn from this number
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
}

/// What can be taken from a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AspectArgument {
    /// Tonal balance
    Tone,
    /// Compression
    Dynamics,
    /// Stereo width
    Width,
    /// Loudness
    Loudness,
}

/// How sure a fault must be before it is mended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OneShotArgument {
    /// From 95 % on
    Careful,
    /// From 80 % on; what is likelier than not is told
    #[default]
    Normal,
    /// From 50 % on
    Bold,
}

/// How finely the equaliser follows a reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DetailArgument {
    /// A few wide bands
    Broad,
    /// Up to 8 bands
    #[default]
    Medium,
    /// Up to 16 bands each on mid and side
    Fine,
}

/// The limiters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LimiterArgument {
    /// Look-ahead gain reduction
    Transparent,
    /// Hides what it takes away under what can be heard
    #[default]
    Masked,
    /// The cheapest safe one, for previews
    Fast,
    /// None: gain alone, whatever the peaks do
    Off,
}

/// A percentage, with or without its sign.
pub(crate) fn amount(text: &str) -> Result<f64, String> {
    percent(text, OptionRange::AMOUNT)
}

/// A share of the whole in percent, with or without the sign.
fn share(text: &str) -> Result<f64, String> {
    percent(text, OptionRange::SHARE)
}

/// 0.5 could be half of it or half a percent: who means it says so.
fn percent(text: &str, range: OptionRange) -> Result<f64, String> {
    let number = text.trim().trim_end_matches('%').trim_end();
    let percent = number_in(number, range)?;
    if percent > 0.0 && percent <= 1.0 && !text.contains('%') {
        let whole = (percent * 100_000.0).round() / 1000.0;
        return Err(format!(
            "is it {whole}% or {percent}%? numbers up to 1 need their percent sign"
        ));
    }
    Ok(percent)
}

/// A loudness.
pub(crate) fn lufs(text: &str) -> Result<f64, String> {
    number_in(text, OptionRange::LUFS)
}

fn ceiling(text: &str) -> Result<f64, String> {
    number_in(text, OptionRange::CEILING)
}

fn max_eq(text: &str) -> Result<f64, String> {
    number_in(text, OptionRange::MAX_EQ)
}

fn max_damage(text: &str) -> Result<f64, String> {
    number_in(text, OptionRange::MAX_DAMAGE)
}

/// A number within a range; the error names its ends.
pub(crate) fn number_in(text: &str, range: OptionRange) -> Result<f64, String> {
    let OptionRange { low, high, unit } = range;
    match text.trim().parse::<f64>() {
        Ok(number) if range.holds(number) => Ok(number),
        _ => Err(format!("it takes a number from {low} to {high} {unit}")),
    }
}

#[cfg(test)]
mod tests {
    use super::{amount, share};

    #[test]
    fn the_percent_sign_is_optional_and_the_range_is_stated() {
        assert_eq!(amount("80%"), Ok(80.0));
        assert_eq!(amount("80"), Ok(80.0));
        assert_eq!(amount("12.5 %"), Ok(12.5));
        assert_eq!(amount("151").unwrap_err(), "it takes a number from 0 to 150 %");
        assert!(amount("NaN").is_err());
        assert_eq!(amount("0"), Ok(0.0));
        assert_eq!(amount("1.5"), Ok(1.5));
    }

    #[test]
    fn what_could_be_a_share_is_asked_about() {
        let asked = "is it 50% or 0.5%? numbers up to 1 need their percent sign";
        assert_eq!(amount("0.5").unwrap_err(), asked);
        assert!(amount("1").unwrap_err().starts_with("is it 100% or 1%?"));
        assert!(share(".07").unwrap_err().starts_with("is it 7% or 0.07%?"));
        assert_eq!((amount("0.5%"), amount("1 %"), share("0.5%")), (Ok(0.5), Ok(1.0), Ok(0.5)));
    }
}
