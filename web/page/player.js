// Plays a stretch round and round; all versions run together, so that changing from one to another is heard at once.
const FADE_S = 0.012;

export class Player {
  #context;
  #begun = 0;
  #playing = false;
  #versions = new Map();
  #heard = "mix";

  /** Puts a version in; its loudness is that of the mix from then on, where both have one. */
  set(name, sound) {
    const version = this.#versions.get(name) ?? {};
    this.#silence(version);
    this.#versions.set(name, { sound });
    if (this.#playing) this.#sound(name);
    this.#level();
  }

  forget(name) {
    const version = this.#versions.get(name);
    if (version) this.#silence(version);
    this.#versions.delete(name);
    if (this.#heard === name) this.hear("mix");
  }

  has(name) { return this.#versions.has(name); }
  get playing() { return this.#playing; }
  get heard() { return this.#heard; }
  /** Seconds into the stretch. */
  get position() {
    const length = this.#length();
    return this.#playing && length > 0 ? (this.#context.currentTime - this.#begun) % length : 0;
  }

  hear(name) {
    this.#heard = name;
    this.#level();
  }

  async play() {
    if (!this.has("mix")) return;
    const rate = Math.min(Math.max(this.#versions.get("mix").sound.rate, 8000), 96000);
    if (this.#context && this.#context.sampleRate !== rate) {
      await this.#context.close();
      this.#context = undefined;
    }
    this.#context ??= new AudioContext({ sampleRate: rate });
    await this.#context.resume();
    this.#begun = this.#context.currentTime;
    this.#playing = true;
    for (const name of this.#versions.keys()) this.#sound(name);
    this.#level();
  }

  pause() {
    this.#playing = false;
    for (const version of this.#versions.values()) this.#silence(version);
  }

  #length() {
    const sound = this.#versions.get("mix")?.sound;
    return sound ? sound.planes[0].length / sound.rate : 0;
  }

  #sound(name) {
    const version = this.#versions.get(name);
    const { planes, rate } = version.sound;
    if (!planes[0]?.length) return;
    const buffer = this.#context.createBuffer(planes.length, planes[0].length, rate);
    planes.forEach((plane, channel) => buffer.copyToChannel(plane, channel));
    version.source = new AudioBufferSourceNode(this.#context, { buffer, loop: true });
    version.gain = new GainNode(this.#context, { gain: 0 });
    version.source.connect(version.gain).connect(this.#context.destination);
    const now = this.#context.currentTime;
    version.source.start(now, (now - this.#begun) % buffer.duration);
  }

  #silence(version) {
    version.source?.stop();
    version.source?.disconnect();
    version.gain?.disconnect();
    delete version.source;
    delete version.gain;
  }

  #level() {
    const reference = this.#versions.get("mix")?.sound.lufs;
    const loudest = Math.max(...[...this.#versions.values()].map((version) => this.#gainDb(version, reference)), 0);
    for (const [name, version] of this.#versions) {
      // What is louder than the mix is turned down; nothing is turned up into full scale.
      const gain = name === this.#heard ? 10 ** ((this.#gainDb(version, reference) - loudest) / 20) : 0;
      version.gain?.gain.setTargetAtTime(gain, this.#context.currentTime, FADE_S / 3);
    }
  }

  #gainDb({ sound }, reference) {
    return reference === undefined || sound.lufs === undefined ? 0 : reference - sound.lufs;
  }
}
