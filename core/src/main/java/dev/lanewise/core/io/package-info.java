/** File formats: npy, npz, safetensors. Readers trust nothing; writers replace files whole. */
package dev.lanewise.core.io;
