// Runs the module of `crates/worklet` in the audio thread: hands settings in, samples out, and tells
// the panel where the round stands about twenty times a second.
class Listen extends AudioWorkletProcessor {
  constructor({ processorOptions: { module, settings } }) {
    super();
    this.wasm = new WebAssembly.Instance(module).exports;
    this.wasm.set(sampleRate, ...settings);
    this.next = 0;
    this.on = true;
    this.port.onmessage = ({ data }) => {
      if (data) this.wasm.set(sampleRate, ...data);
      else this.on = false;
    };
  }

  process(_, [[...channels]]) {
    const at = this.wasm.render();
    const samples = new Float32Array(this.wasm.memory.buffer, at, channels[0].length);
    for (const channel of channels) channel.set(samples);
    if (currentTime >= this.next) {
      this.next = currentTime + 0.05;
      this.port.postMessage(this.wasm.at_ms());
    }
    return this.on;
  }
}

registerProcessor("listen", Listen);
