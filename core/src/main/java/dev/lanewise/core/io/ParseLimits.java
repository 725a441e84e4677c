package dev.lanewise.core.io;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.Shape;

/**
 * What a reader accepts at most. The defaults fit every published model and keep a hostile file
 * from costing more than a moment; change them with the {@code with...} methods.
 *
 * @param headerBytes bytes of a safetensors header; 16 MiB by default
 * @param npyHeaderBytes bytes of an npy header; 64 KiB by default
 * @param tensors tensors in one file; 100,000 by default
 * @param rank axes of a tensor, at most {@link Shape#MAX_RANK}, which is the default
 * @param nameBytes UTF-8 bytes of a tensor's name or a metadata key; 4096 by default
 * @param metadataEntries entries of a safetensors file's metadata; 10,000 by default
 * @param inflatedBytes bytes that an npz file may unpack to in total; 1 GiB by default
 * @param inflationRatio how many times its own size an npz file may unpack to, where that is more
 *     than 64 MiB; 200 by default, which only constant data exceeds
 */
public record ParseLimits(
        int headerBytes,
        int npyHeaderBytes,
        int tensors,
        int rank,
        int nameBytes,
        int metadataEntries,
        long inflatedBytes,
        int inflationRatio) {

    private static final long HARMLESS_BYTES = 1L << 26;

    /** The default limits. */
    public static final ParseLimits DEFAULT =
            new ParseLimits(1 << 24, 1 << 16, 100_000, Shape.MAX_RANK, 4096, 10_000, 1L << 30, 200);

    /**
     * @throws ArgumentException if a limit is negative or the rank more than a tensor can have
     */
    public ParseLimits {
        if (headerBytes < 0
                || npyHeaderBytes < 0
                || tensors < 0
                || rank < 0
                || nameBytes < 0
                || metadataEntries < 0
                || inflatedBytes < 0
                || inflationRatio < 1) {
            throw new ArgumentException("ParseLimits: a limit is negative, or the ratio 0");
        }
        if (rank > Shape.MAX_RANK) {
            throw new ArgumentException(
                    "ParseLimits: rank %d is more than a tensor can have, %d"
                            .formatted(rank, Shape.MAX_RANK));
        }
    }

    /** These limits with another number of header bytes, for safetensors. */
    public ParseLimits withHeaderBytes(int bytes) {
        return new ParseLimits(
                bytes,
                npyHeaderBytes,
                tensors,
                rank,
                nameBytes,
                metadataEntries,
                inflatedBytes,
                inflationRatio);
    }

    /** These limits with another number of header bytes, for npy. */
    public ParseLimits withNpyHeaderBytes(int bytes) {
        return new ParseLimits(
                headerBytes,
                bytes,
                tensors,
                rank,
                nameBytes,
                metadataEntries,
                inflatedBytes,
                inflationRatio);
    }

    /** These limits with another number of tensors. */
    public ParseLimits withTensors(int count) {
        return new ParseLimits(
                headerBytes,
                npyHeaderBytes,
                count,
                rank,
                nameBytes,
                metadataEntries,
                inflatedBytes,
                inflationRatio);
    }

    /** These limits with another number of axes. */
    public ParseLimits withRank(int axes) {
        return new ParseLimits(
                headerBytes,
                npyHeaderBytes,
                tensors,
                axes,
                nameBytes,
                metadataEntries,
                inflatedBytes,
                inflationRatio);
    }

    /** These limits with another length of names. */
    public ParseLimits withNameBytes(int bytes) {
        return new ParseLimits(
                headerBytes,
                npyHeaderBytes,
                tensors,
                rank,
                bytes,
                metadataEntries,
                inflatedBytes,
                inflationRatio);
    }

    /** These limits with another number of metadata entries. */
    public ParseLimits withMetadataEntries(int entries) {
        return new ParseLimits(
                headerBytes,
                npyHeaderBytes,
                tensors,
                rank,
                nameBytes,
                entries,
                inflatedBytes,
                inflationRatio);
    }

    /** These limits with another number of unpacked bytes. */
    public ParseLimits withInflatedBytes(long bytes) {
        return new ParseLimits(
                headerBytes,
                npyHeaderBytes,
                tensors,
                rank,
                nameBytes,
                metadataEntries,
                bytes,
                inflationRatio);
    }

    /** These limits with another ratio of unpacked to packed bytes. */
    public ParseLimits withInflationRatio(int ratio) {
        return new ParseLimits(
                headerBytes,
                npyHeaderBytes,
                tensors,
                rank,
                nameBytes,
                metadataEntries,
                inflatedBytes,
                ratio);
    }

    /** Whether so many bytes are too many to come from an archive of this size. */
    boolean isBomb(long packedBytes, long unpackedBytes) {
        return unpackedBytes > HARMLESS_BYTES && unpackedBytes / inflationRatio > packedBytes;
    }
}
