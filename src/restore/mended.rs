//! A sound as it is once it is mended: what a fit hears.

use acetate_audio::{Audio, AudioSpec, Blocks, Origin, ReadError, Source, SourceFormat};
use acetate_engine::Stage as _;
use acetate_engine::settings::RestoreSettings;
use acetate_engine::stages::Restoration;

/// The same sound with repairs, held in memory where `source` is, else made again for each pass.
///
/// # Errors
/// When the source cannot be read again.
pub(crate) fn mended(source: &Source, plan: &RestoreSettings) -> Result<Source, ReadError> {
    let recipe = Recipe { source: source.clone(), plan: plan.clone() };
    let mut held = None;
    if source.audio().is_some() {
        let mut pass = recipe.blocks(source.format())?;
        let (mut whole, mut block) =
            (Audio::silence(source.spec(), 0), Audio::silence(source.spec(), 0));
        while pass.next_block(&mut block)? {
            for (whole, plane) in whole.planes_mut().iter_mut().zip(block.planes()) {
                whole.extend_from_slice(plane);
            }
        }
        held = Some(whole);
    }
    let (format, warnings) = (source.format().clone(), source.warnings().to_vec());
    Ok(Source::from_origin(format, warnings, std::sync::Arc::new(recipe), held)
        .stopped_with(source))
}

#[derive(Debug)]
struct Recipe {
    source: Source,
    plan: RestoreSettings,
}

impl Origin for Recipe {
    fn blocks(&self, _: &SourceFormat) -> Result<Box<dyn Blocks>, ReadError> {
        let spec = self.source.spec();
        let pass = self.source.blocks()?;
        match Restoration::new(&self.plan, spec) {
            Some(stage) => {
                Ok(Box::new(Mended { pass, stage: Some(stage), block: Audio::silence(spec, 0) }))
            }
            None => Ok(pass),
        }
    }

    fn check_unchanged(&self) -> Result<(), ReadError> {
        self.source.check_unchanged()
    }
}

/// A pass over sound that is mended on its way.
struct Mended {
    pass: Box<dyn Blocks>,
    /// Gone when the last block was asked for.
    stage: Option<Restoration>,
    block: Audio,
}

impl Blocks for Mended {
    fn spec(&self) -> AudioSpec {
        self.pass.spec()
    }

    fn next_block(&mut self, block: &mut Audio) -> Result<bool, ReadError> {
        if block.spec() != self.spec() {
            *block = Audio::silence(self.spec(), 0);
        }
        block.resize(0);
        while let Some(stage) = self.stage.as_mut().filter(|_| block.frames() == 0) {
            if self.pass.next_block(&mut self.block)? {
                stage.push(&self.block, block);
            } else {
                stage.finish(block);
                self.stage = None;
            }
        }
        Ok(block.frames() > 0)
    }
}
