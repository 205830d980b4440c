// Stands in the panel's script: fetches the module of its pieces once, and tells the panel how it went
// by the function that the panel names by its place in the table.
const pieces = (() => {
  let coming;
  const load = async () => {
    const answer = await fetch(new URL("PIECES", import.meta.url));
    if (!answer.ok) throw new Error(`${answer.url}: ${answer.status}`);
    // Not while it streams: that takes a media type which not every host of static files sends.
    return WebAssembly.instantiate(await answer.arrayBuffer(), { __wasm_split: wasm });
  };
  return (callback, data) => {
    coming ??= load();
    const tell = (isHere) => wasm.__indirect_function_table.get(callback)(data, isHere);
    coming.then(
      () => tell(1),
      (error) => {
        coming = undefined;
        console.warn(error);
        tell(0);
      },
    );
  };
})();
