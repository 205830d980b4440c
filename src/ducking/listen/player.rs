//! The sound itself: an audio context of this page, with a worklet that runs `crates/worklet`.

use foldback_model::Ducking;
use js_sys::{Array, Object, Reflect, WebAssembly};
use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AudioContext, AudioWorkletNode, AudioWorkletNodeOptions, MessageEvent};

/// Where the page says what the files are called: their names change with what they hold.
const FILES: &str = "meta[name=foldback-listen]";

/// What is listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The ducking.
    pub ducking: Ducking,
    /// How long somebody speaks in a round, in milliseconds.
    pub speech_ms: i32,
}

impl Settings {
    /// As the worklet takes them.
    fn to_js(self) -> Array {
        let Ducking { ramp_active, ramp_inactive, lower_level, upper_level } = self.ducking;
        Array::of5(
            &ramp_active.into(),
            &ramp_inactive.into(),
            &lower_level.into(),
            &upper_level.into(),
            &self.speech_ms.into(),
        )
    }
}

/// Hears about twenty times a second how many milliseconds of the round are over.
type OnProgress = Closure<dyn FnMut(MessageEvent)>;

/// Sound that is being made; dropping it ends that.
#[derive(Debug)]
pub struct Player {
    context: AudioContext,
    node: AudioWorkletNode,
    _on_progress: OnProgress,
}

impl Player {
    /// Begins with a round.
    ///
    /// # Errors
    /// In words, when the browser has no sound or the files cannot be had.
    pub async fn start(
        settings: Settings,
        mut on_progress: impl FnMut(f64) + 'static,
    ) -> Result<Self, String> {
        let context = AudioContext::new().map_err(|_| "this browser offers no sound".to_owned())?;
        let closing = Closing(Some(context.clone()));
        let node = make(&context, settings).await.map_err(|error| {
            let words = Reflect::get(&error, &"message".into()).ok();
            words.and_then(|it| it.as_string()).unwrap_or_else(|| "no reason given".to_owned())
        })?;
        let on_progress = OnProgress::new(move |event: MessageEvent| {
            on_progress(event.data().as_f64().unwrap_or_default());
        });
        if let Ok(port) = node.port() {
            port.set_onmessage(Some(on_progress.as_ref().unchecked_ref()));
        }
        closing.keep();
        Ok(Self { context, node, _on_progress: on_progress })
    }

    /// Goes on with other settings.
    pub fn set(&self, settings: Settings) {
        if let Ok(port) = self.node.port() {
            // It fails for what cannot be copied; numbers can.
            let _ = port.post_message(&settings.to_js());
        }
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        if let Ok(port) = self.node.port() {
            port.set_onmessage(None);
        }
        close(&self.context);
    }
}

/// Closes a context that does not come to be used.
struct Closing(Option<AudioContext>);

impl Closing {
    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        if let Some(context) = &self.0 {
            close(context);
        }
    }
}

fn close(context: &AudioContext) {
    // It ends the sound at once; what becomes of the promise matters to nobody.
    let _ = context.close();
}

async fn make(context: &AudioContext, settings: Settings) -> Result<AudioWorkletNode, JsValue> {
    let files = document().query_selector(FILES)?.and_then(|it| it.get_attribute("content"));
    let files = files.unwrap_or_default();
    let (module, script) = files.split_once(' ').unwrap_or_default();
    JsFuture::from(context.audio_worklet()?.add_module(script)?).await?;
    let fetched = window().fetch_with_str(module);
    let module = JsFuture::from(WebAssembly::compile_streaming(&fetched)).await?;
    let handed = Object::new();
    Reflect::set(&handed, &"module".into(), &module)?;
    Reflect::set(&handed, &"settings".into(), &settings.to_js())?;
    let options = AudioWorkletNodeOptions::new();
    options.set_processor_options(Some(&handed));
    let node = AudioWorkletNode::new_with_options(context, "listen", &options)?;
    node.connect_with_audio_node(&context.destination())?;
    // A context that was made while a page loads may wait for a press; this one comes from a press.
    JsFuture::from(context.resume()?).await?;
    Ok(node)
}
