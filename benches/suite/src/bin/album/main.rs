//! A record from real music, decided and rendered, held against what a record has to keep.
//!
//! Takes any folder of mixes. The longest song is cut in two at a place where it sounds, so the record has a join; the same record with
//! the song uncut must give the same samples. What is measured: the loudest song against the target, tops against the plan, the order of
//! loudness, files end to end against the record, songs alone against a plain render of their settings, what a second pass over the
//! finished record would change, and the time against mastering each song on its own.

mod figures;

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use acetate_analyzer::{LevelMeter, Levels, Measured, analyze};
use acetate_audio::{Audio, AudioSpec, PcmBlock, PcmPlanes, Source};
use acetate_bench::masters::{named_files, open_or_leave_out};
use acetate_bench::provenance::Provenance;
use acetate_bench::report::write_json;
use acetate_engine::render;
use acetate_engine::settings::OutputSettings;
use acetate_optimizer::album::{
    RecordError, RecordPlan, RecordSong, RecordWishes, SongEntry, StartKind, plan_record,
    render_record,
};
use acetate_optimizer::{FitOptions, fit};
use acetate_references::oneshot::Boldness;
use acetate_references::{Aim, target};
use clap::Parser;
use serde::Serialize;

use figures::{alone, end_to_end, loudest, order, own_moves_within, tops, uncut};

/// What has to be reached.
const LOUDEST_LU: f64 = 0.05;
const TOPS_LU: f64 = 0.1;
const AGAIN_LU: f64 = 0.1;
const TIME_MAX: f64 = 1.2;

#[derive(Parser)]
struct Arguments {
    /// Files and folders of mixes.
    #[arg(required = true)]
    music: Vec<PathBuf>,
    /// Delivery rules.
    #[arg(long, default_value = "streaming")]
    target: String,
    /// Leave out the comparison with mastering each song on its own.
    #[arg(long)]
    quick: bool,
    /// Where to write the result as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

struct Song {
    title: String,
    source: Source,
    measured: Measured,
    entry: SongEntry,
}

#[derive(Serialize)]
struct Report {
    bench: &'static str,
    provenance: Provenance,
    target: String,
    songs: Vec<SongReport>,
    figures: Vec<Figure>,
}

#[derive(Serialize)]
struct SongReport {
    title: String,
    mix_lufs: Option<f64>,
    master_lufs: Option<f64>,
    top_lufs: Option<f64>,
    wanted_top_lufs: f64,
    under_lu: f64,
    because: String,
    follows: StartKind,
    pause_s: f64,
    gap_because: String,
    tone_distance_db: f64,
    own_moves: usize,
}

/// A number and the most it may be.
#[derive(Serialize)]
struct Figure {
    name: &'static str,
    value: f64,
    limit: f64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let whole: Vec<Song> =
        named_files(&arguments.music).iter().filter_map(|path| open(path)).collect();
    if whole.len() < 2 {
        eprintln!("needs two songs at least");
        return ExitCode::from(2);
    }
    let Some(rules) = target(&arguments.target) else {
        eprintln!("no target {:?}", arguments.target);
        return ExitCode::from(2);
    };
    let aim = |mix: &_| Ok::<_, RecordError>(Aim::one_shot(mix, rules, Boldness::Normal));
    let cut = cut(&whole);

    let begun = Instant::now();
    let plan = planned(&cut, &aim);
    let sound = rendered(&plan);
    let album_s = begun.elapsed().as_secs_f64();
    let levels = levels_of(&plan, &sound);
    print(&plan, &cut, &levels);
    let mut figures = vec![
        loudest(&plan, &levels, rules.integrated_lufs),
        tops(&plan, &levels),
        order(&plan, &levels),
        end_to_end(&plan, &sound),
        alone(&plan, &sound),
        uncut(&plan, &sound, &whole, &aim),
        own_moves_within(&plan),
    ];
    figures.extend(again(&plan, &sound, &cut, &aim));
    if !arguments.quick {
        let begun = Instant::now();
        for song in &whole {
            master(song, &Aim::one_shot(&song.measured.analysis, rules, Boldness::Normal));
        }
        let value = album_s / begun.elapsed().as_secs_f64();
        figures.push(Figure { name: "time against master", value, limit: TIME_MAX });
    }
    let mut met = true;
    for Figure { name, value, limit } in &figures {
        let word = if value <= limit { "ok" } else { "MISSED" };
        met &= value <= limit;
        println!("{name:<44} {value:9.4}   at most {limit:<6} {word}");
    }
    let songs = reports(&plan, &cut, &levels);
    let target = arguments.target;
    let report = Report { bench: "album", provenance: Provenance::here(), target, songs, figures };
    if let Err(error) = write_json(arguments.json.as_deref(), &report) {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    if met { ExitCode::SUCCESS } else { ExitCode::from(3) }
}

fn open(path: &Path) -> Option<Song> {
    let source = open_or_leave_out(path)?;
    Some(song(path.file_stem()?.to_string_lossy().into_owned(), source))
}

fn song(title: String, source: Source) -> Song {
    let measured = analyze(&source).expect("sound that was just read");
    let entry = SongEntry { file: title.clone(), ..SongEntry::default() };
    Song { title, source, measured, entry }
}

/// The record with its longest song cut in two, at a place that is not silent and not on a sector.
fn cut(whole: &[Song]) -> Vec<Song> {
    let longest = (0..whole.len())
        .max_by_key(|&index| whole[index].source.frames())
        .expect("there are songs");
    let mut songs = Vec::new();
    for (index, Song { title, source, .. }) in whole.iter().enumerate() {
        let Some(audio) = source.audio().filter(|_| index == longest) else {
            songs.push(song(title.clone(), source.clone()));
            continue;
        };
        let rate = audio.spec().sample_rate_hz;
        let middle = (audio.frames() / 2..audio.frames())
            .find(|&frame| audio.planes().iter().all(|plane| plane[frame].abs() > 0.05))
            .unwrap_or(audio.frames() / 2);
        for (range, part) in [(0..middle, "one"), (middle..audio.frames(), "two")] {
            let planes = audio.planes().iter().map(|plane| plane[range.clone()].to_vec()).collect();
            let part_source = Source::from_audio(Audio::from_planes(rate, planes));
            songs.push(song(format!("{title}, {part}"), part_source));
        }
    }
    songs
}

fn planned(
    songs: &[Song],
    aim: &dyn Fn(&acetate_analyzer::Analysis) -> Result<Aim, RecordError>,
) -> RecordPlan {
    let songs: Vec<RecordSong<'_>> = songs
        .iter()
        .map(|song| RecordSong {
            title: &song.title,
            source: &song.source,
            measured: &song.measured,
            entry: &song.entry,
        })
        .collect();
    let (wishes, options) = (RecordWishes::default(), FitOptions::default());
    plan_record(&songs, &wishes, &options, &mut |mix| aim(mix), &mut |_| {})
        .unwrap_or_else(|error| panic!("no plan: {error}"))
}

/// The whole record, 24 bits.
fn rendered(plan: &RecordPlan) -> Vec<Vec<i32>> {
    let channels = 2;
    let mut planes = vec![Vec::new(); channels];
    render_record::<Infallible>(plan, &OutputSettings::default(), channels, &mut |block| {
        append(block, &mut planes);
        Ok(())
    })
    .expect("settings that were confirmed");
    planes
}

fn append(block: &PcmBlock, planes: &mut [Vec<i32>]) {
    let PcmPlanes::Int(samples) = &block.planes else { panic!("24 bits are integers") };
    for (plane, samples) in planes.iter_mut().zip(samples) {
        plane.extend_from_slice(samples);
    }
}

fn audio_of(sound: &[Vec<i32>], range: std::ops::Range<u64>, rate: u32) -> Audio {
    let range = range.start as usize..range.end as usize;
    let part = |plane: &Vec<i32>| {
        plane[range.clone()].iter().map(|&sample| sample as f32 / 8_388_608.0).collect()
    };
    Audio::from_planes(rate, sound.iter().map(part).collect())
}

fn group_range(plan: &RecordPlan, group: usize) -> std::ops::Range<u64> {
    let start = plan.timeline.frame(plan.timeline.groups[group]);
    start..start + plan.groups[group].frames
}

/// What each group measures in the record.
fn levels_of(plan: &RecordPlan, sound: &[Vec<i32>]) -> Vec<Levels> {
    let rate = plan.timeline.sample_rate_hz;
    (0..plan.groups.len())
        .map(|group| {
            let audio = audio_of(sound, group_range(plan, group), rate);
            let mut meter = LevelMeter::new(AudioSpec::new(rate, sound.len()));
            meter.push(&audio);
            meter.finish()
        })
        .collect()
}

/// What a second pass over the finished record would do: bands, and levels between songs.
fn again(
    plan: &RecordPlan,
    sound: &[Vec<i32>],
    songs: &[Song],
    aim: &dyn Fn(&acetate_analyzer::Analysis) -> Result<Aim, RecordError>,
) -> Vec<Figure> {
    let rate = plan.timeline.sample_rate_hz;
    let masters: Vec<Song> = songs
        .iter()
        .enumerate()
        .map(|(index, mix)| {
            let audio = audio_of(sound, plan.timeline.file(index), rate);
            song(mix.title.clone(), Source::from_audio(audio))
        })
        .collect();
    let second = planned(&masters, aim);
    let bands =
        second.groups.iter().map(|group| group.settings.equalizer.bands.len()).sum::<usize>();
    let moved =
        |group: &acetate_optimizer::album::GroupPlan| group.place.under_lu - group.place.before_lu;
    let spread = second.groups.iter().map(moved);
    let (low, high) = spread
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), lu| (low.min(lu), high.max(lu)));
    let joins = |plan: &RecordPlan| plan.songs.iter().filter(|song| song.follows.runs_on()).count();
    vec![
        Figure { name: "bands of a second pass", value: bands as f64, limit: 0.0 },
        Figure { name: "levels that a second pass moves, LU", value: high - low, limit: AGAIN_LU },
        Figure {
            name: "joins that a second pass does not find",
            value: joins(plan).abs_diff(joins(&second)) as f64,
            limit: 0.0,
        },
    ]
}

/// What `master` does to one song: fit, render, measure.
fn master(song: &Song, aim: &Aim) {
    let measured = analyze(&song.source).expect("sound that was just read");
    let found = fit(&song.source, &measured, aim, &FitOptions::default(), &mut |_| {})
        .expect("sound that was just read");
    let mut meter = LevelMeter::new(song.source.spec());
    let mut decoded = Audio::silence(song.source.spec(), 0);
    render::<Infallible>(&song.source, &found.settings, &mut |block| {
        block.decode_into(&mut decoded);
        meter.push(&decoded);
        Ok(())
    })
    .expect("settings that were confirmed");
    std::hint::black_box(meter.finish());
}

fn reports(plan: &RecordPlan, songs: &[Song], levels: &[Levels]) -> Vec<SongReport> {
    plan.songs
        .iter()
        .zip(songs)
        .map(|(decided, song)| {
            let group = &plan.groups[decided.group];
            let gap = decided.gap.as_ref();
            SongReport {
                title: song.title.clone(),
                mix_lufs: song.measured.analysis.loudness.integrated_lufs,
                master_lufs: levels[decided.group].integrated_lufs,
                top_lufs: levels[decided.group].top_lufs,
                wanted_top_lufs: group.wanted_top_lufs,
                under_lu: decided.place.under_lu,
                because: decided.place.because(),
                follows: if decided.follows.runs_on() { StartKind::Join } else { StartKind::Gap },
                pause_s: gap.map_or(0.0, |gap| gap.seconds),
                gap_because: gap.map_or_else(String::new, |gap| gap.because.clone()),
                tone_distance_db: plan.tone.distance_db[decided.recording],
                own_moves: plan.tone.own[decided.recording].len(),
            }
        })
        .collect()
}

fn print(plan: &RecordPlan, songs: &[Song], levels: &[Levels]) {
    println!(" #  song                     mix   master    top  wanted  under  tone    before it");
    for (report, number) in reports(plan, songs, levels).iter().zip(1..) {
        let number_of = |value: Option<f64>| value.unwrap_or(f64::NAN);
        println!(
            "{number:>2}  {:<20} {:7.1} {:8.2} {:6.2} {:7.2} {:6.1} {:5.1}{}  {:?} {:.1} s {} | {}",
            report.title.chars().take(20).collect::<String>(),
            number_of(report.mix_lufs),
            number_of(report.master_lufs),
            number_of(report.top_lufs),
            report.wanted_top_lufs,
            report.under_lu,
            report.tone_distance_db,
            if report.own_moves > 0 { "*" } else { " " },
            report.follows,
            report.pause_s,
            report.gap_because,
            report.because,
        );
    }
    println!(
        "finished {}, lowered {:.2}, common bands {:?}",
        plan.finished,
        plan.lowered_lu,
        plan.common
            .equalizer
            .bands
            .iter()
            .map(|band| (band.freq_hz.round(), band.gain_db))
            .collect::<Vec<_>>()
    );
}
