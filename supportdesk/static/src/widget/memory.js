// What this frame remembers between visits, under the site's key; in memory where storage is forbidden.

export class Memory {
  /**
   * @param {string} siteKey
   * @param {Pick<Storage, "getItem" | "setItem" | "removeItem"> | null} storage
   */
  constructor(siteKey, storage) {
    this.prefix = `supportdesk:${siteKey}:`;
    this.storage = storage;
    /** @type {Map<string, string>} */
    this.kept = new Map();
  }

  /** @param {"room" | "sound" | "rated" | "draft"} name */
  get(name) {
    return this.storage ? this.storage.getItem(this.prefix + name) : (this.kept.get(name) ?? null);
  }

  /**
   * @param {"room" | "sound" | "rated" | "draft"} name
   * @param {string | null} value null forgets it
   */
  set(name, value) {
    try {
      if (value === null) this.storage?.removeItem(this.prefix + name);
      else this.storage?.setItem(this.prefix + name, value);
    } catch {
      this.storage = null;
    }
    if (value === null) this.kept.delete(name);
    else this.kept.set(name, value);
  }

  /** @param {string | null} key of a storage event @param {"room" | "sound"} name */
  isAbout(key, name) {
    return key === this.prefix + name;
  }
}
