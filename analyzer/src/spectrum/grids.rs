//! Where bands begin and end.

/// Upper edges of the nine bands of equal ERB width in which the statistics of commercial records are
/// kept (`../shared/data/README.md`); the last one ends at the Nyquist frequency.
pub(crate) const WIDE_EDGES_HZ: [f64; 10] =
    [0.0, 148.0, 392.0, 795.0, 1_458.0, 2_550.0, 4_349.0, 7_314.0, 12_199.0, 22_050.0];
/// Narrow bands in each of the wide ones: just over half an ERB.
const NARROW_PER_WIDE: usize = 9;
/// Lowest frequency that matters.
const LOWEST_HZ: f64 = 20.0;
/// First and last third octave: 25 Hz and 16 kHz are 10^(14/10) and 10^(42/10) (IEC 61260, base 10).
const THIRD_OCTAVES: std::ops::RangeInclusive<i32> = 14..=42;
/// Cells in a third octave.
pub(crate) const CELLS_PER_THIRD: usize = 4;
/// Nominal centres of the third octaves (IEC 61260).
pub(crate) const NOMINAL_HZ: [f64; 29] = [
    25.0, 31.5, 40.0, 50.0, 63.0, 80.0, 100.0, 125.0, 160.0, 200.0, 250.0, 315.0, 400.0, 500.0,
    630.0, 800.0, 1_000.0, 1_250.0, 1_600.0, 2_000.0, 2_500.0, 3_150.0, 4_000.0, 5_000.0, 6_300.0,
    8_000.0, 10_000.0, 12_500.0, 16_000.0,
];

/// Number on the ERB-rate scale (Glasberg and Moore, 1990).
pub(crate) fn erb_rate(freq_hz: f64) -> f64 {
    21.4 * libm::log10(1.0 + 0.004_37 * freq_hz)
}

fn erb_rate_to_hz(erb: f64) -> f64 {
    (libm::exp(erb / 21.4 * std::f64::consts::LN_10) - 1.0) / 0.004_37
}

/// 10^x.
fn ten_to(exponent: f64) -> f64 {
    libm::exp(exponent * std::f64::consts::LN_10)
}

/// The nine wide bands below `nyquist_hz`, `[low, high]` each; the last ends there.
pub(crate) fn wide_bands(nyquist_hz: f64) -> Vec<[f64; 2]> {
    let mut bands: Vec<[f64; 2]> = WIDE_EDGES_HZ
        .windows(2)
        .filter(|edge| edge[0] < nyquist_hz)
        .map(|edge| [edge[0], edge[1].min(nyquist_hz)])
        .collect();
    if let Some(last) = bands.last_mut() {
        last[1] = if last[0] >= 12_000.0 { nyquist_hz } else { last[1] };
    }
    bands
}

/// Edges of the narrow bands: the same at every rate but for the last, which is the Nyquist frequency.
/// Every edge of a wide band is among them.
pub(crate) fn narrow_edges(nyquist_hz: f64) -> Vec<f64> {
    let mut edges = Vec::new();
    for wide in WIDE_EDGES_HZ.windows(2) {
        let top = if wide[1] == 22_050.0 { next_wide_erb(wide[0]) } else { erb_rate(wide[1]) };
        let (low, width) = (erb_rate(wide[0]), top - erb_rate(wide[0]));
        edges.extend((0..NARROW_PER_WIDE).map(|part| {
            let part = part as f64 / NARROW_PER_WIDE as f64;
            if part == 0.0 { wide[0] } else { erb_rate_to_hz(low + width * part) }
        }));
    }
    let step = edge_step(&edges);
    while edges.last().is_some_and(|&last| last < nyquist_hz) {
        let last = erb_rate(edges[edges.len() - 1]);
        edges.push(erb_rate_to_hz(last + step));
    }
    let mut kept: Vec<f64> =
        edges.into_iter().filter(|&edge| edge > LOWEST_HZ && edge < nyquist_hz * 0.995).collect();
    kept.insert(0, LOWEST_HZ.min(nyquist_hz / 2.0));
    kept.push(nyquist_hz);
    kept
}

/// The last wide band is cut off by the Nyquist frequency of 44.1 kHz; its grid goes on as wide as the
/// band before it.
fn next_wide_erb(low_hz: f64) -> f64 {
    let before = WIDE_EDGES_HZ[WIDE_EDGES_HZ.len() - 3];
    2.0 * erb_rate(low_hz) - erb_rate(before)
}

fn edge_step(edges: &[f64]) -> f64 {
    erb_rate(edges[edges.len() - 1]) - erb_rate(edges[edges.len() - 2])
}

/// Edges of the cells, four to the third octave, from the third octave of 20 Hz to the Nyquist frequency.
pub(crate) fn cell_edges(nyquist_hz: f64) -> Vec<f64> {
    let first = (THIRD_OCTAVES.start() - 1) * CELLS_PER_THIRD as i32 - CELLS_PER_THIRD as i32 / 2;
    let per_decade = 10.0 * CELLS_PER_THIRD as f64;
    let mut edges: Vec<f64> = (first..)
        .map(|index| ten_to(f64::from(index) / per_decade))
        .take_while(|&edge| edge < nyquist_hz)
        .collect();
    edges.push(nyquist_hz);
    edges
}

/// Edges of the third octaves 25 Hz to 16 kHz, whatever the rate.
pub(crate) fn third_octave_edges() -> Vec<[f64; 2]> {
    THIRD_OCTAVES
        .map(|index| {
            let centre = f64::from(index) / 10.0;
            [ten_to(centre - 0.05), ten_to(centre + 0.05)]
        })
        .collect()
}

/// Index of the first cell of third octave `third` (0 is 25 Hz).
pub(crate) fn first_cell(third: usize) -> usize {
    (third + 1) * CELLS_PER_THIRD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_bands_are_the_same_at_44_1_and_48_khz() {
        let (cd, video) = (narrow_edges(22_050.0), narrow_edges(24_000.0));
        assert!((78..=84).contains(&cd.len()), "{}", cd.len());
        let common = cd.len() - 1;
        assert_eq!(cd[..common], video[..common]);
        assert!(cd.windows(2).all(|edge| edge[0] < edge[1]));
        for wide in &WIDE_EDGES_HZ[1..] {
            assert!(cd.contains(wide), "{wide} is not an edge");
        }
    }

    #[test]
    fn four_cells_make_a_third_octave() {
        let (cells, thirds) = (cell_edges(22_050.0), third_octave_edges());
        assert_eq!(thirds.len(), NOMINAL_HZ.len());
        for (third, edges) in thirds.iter().enumerate() {
            let first = first_cell(third);
            assert!((cells[first] / edges[0] - 1.0).abs() < 1e-12);
            assert!((cells[first + CELLS_PER_THIRD] / edges[1] - 1.0).abs() < 1e-12);
            let centre = libm::sqrt(edges[0] * edges[1]);
            assert!((centre / NOMINAL_HZ[third] - 1.0).abs() < 0.02);
        }
    }
}
