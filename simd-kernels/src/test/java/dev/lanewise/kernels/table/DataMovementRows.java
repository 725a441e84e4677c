package dev.lanewise.kernels.table;

import dev.lanewise.kernels.DataMovement;
import dev.lanewise.kernels.Kernels;

import java.util.List;

/** Rows of {@link DataMovement}. */
final class DataMovementRows {
    private DataMovementRows() {}

    static List<KernelRow> rows() {
        return List.of(
                row(
                        "fill",
                        (kernels, n, memory) -> {
                            KernelArray out = memory.output(n);
                            return () -> kernels.data().fill(n, -2.5f, out.segment(), out.offset());
                        }),
                Elementwise.unary("data", "copy", Kernels::data, DataMovement::copy).flops(n -> 0),
                row(
                                "copyStrided",
                                (kernels, n, memory) -> {
                                    KernelArray a = memory.hostile(span(7, n, n + 3L, 1));
                                    KernelArray out = memory.output(7L * n);
                                    return () ->
                                            kernels.data()
                                                    .copyStrided(
                                                            a.segment(),
                                                            a.offset(),
                                                            n + 3L,
                                                            1,
                                                            7,
                                                            n,
                                                            out.segment(),
                                                            out.offset(),
                                                            n,
                                                            1);
                                })
                        .variant("rows"),
                row(
                                "copyStrided",
                                (kernels, n, memory) -> {
                                    KernelArray a = memory.hostile(span(7, n, 1, 9));
                                    KernelArray out = memory.output(7L * n);
                                    return () ->
                                            kernels.data()
                                                    .copyStrided(
                                                            a.segment(),
                                                            a.offset(),
                                                            1,
                                                            9,
                                                            7,
                                                            n,
                                                            out.segment(),
                                                            out.offset(),
                                                            n,
                                                            1);
                                })
                        .variant("transposed"),
                row(
                                "copyStrided",
                                (kernels, n, memory) -> {
                                    KernelArray a = memory.hostile(7L * n);
                                    KernelArray out = memory.output(7L * n);
                                    return () ->
                                            kernels.data()
                                                    .copyStrided(
                                                            a.segment(),
                                                            a.offset(),
                                                            n,
                                                            1,
                                                            7,
                                                            n,
                                                            out.segment(),
                                                            out.offset(),
                                                            1,
                                                            7);
                                })
                        .variant("toTransposed"),
                row(
                                "copyStrided",
                                (kernels, n, memory) -> {
                                    KernelArray a = memory.hostile(span(7, n, n * 2L, 2));
                                    KernelArray out = memory.hostileUpdated(span(7, n, n * 3L, 3));
                                    return () ->
                                            kernels.data()
                                                    .copyStrided(
                                                            a.segment(),
                                                            a.offset(),
                                                            n * 2L,
                                                            2,
                                                            7,
                                                            n,
                                                            out.segment(),
                                                            out.offset(),
                                                            n * 3L,
                                                            3);
                                })
                        .variant("gaps"),
                row(
                                "copyStrided",
                                (kernels, n, memory) -> {
                                    KernelArray a = memory.hostile(n);
                                    KernelArray out = memory.output(7L * n);
                                    return () ->
                                            kernels.data()
                                                    .copyStrided(
                                                            a.segment(),
                                                            a.offset(),
                                                            0,
                                                            1,
                                                            7,
                                                            n,
                                                            out.segment(),
                                                            out.offset(),
                                                            n,
                                                            1);
                                })
                        .variant("repeatRow"),
                row(
                                "copyStrided",
                                (kernels, n, memory) -> {
                                    KernelArray a = memory.hostile(n == 0 ? 0 : 7);
                                    KernelArray out = memory.output(7L * n);
                                    return () ->
                                            kernels.data()
                                                    .copyStrided(
                                                            a.segment(),
                                                            a.offset(),
                                                            1,
                                                            0,
                                                            7,
                                                            n,
                                                            out.segment(),
                                                            out.offset(),
                                                            n,
                                                            1);
                                })
                        .variant("repeatColumn"),
                row(
                                "copyStrided",
                                (kernels, n, memory) -> {
                                    KernelArray a = memory.hostile(n == 0 ? 0 : 1);
                                    KernelArray out = memory.output(7L * n);
                                    return () ->
                                            kernels.data()
                                                    .copyStrided(
                                                            a.segment(),
                                                            a.offset(),
                                                            0,
                                                            0,
                                                            7,
                                                            n,
                                                            out.segment(),
                                                            out.offset(),
                                                            n,
                                                            1);
                                })
                        .variant("repeatElement"),
                row(
                                "copyStrided",
                                (kernels, n, memory) -> {
                                    KernelArray a = memory.hostile(7L * n);
                                    KernelArray out = memory.output(7L * n);
                                    return () ->
                                            kernels.data()
                                                    .copyStrided(
                                                            a.segment(),
                                                            a.offset() + Math.max(0, n - 1),
                                                            n,
                                                            -1,
                                                            7,
                                                            n,
                                                            out.segment(),
                                                            out.offset(),
                                                            n,
                                                            1);
                                })
                        .variant("reversed"),
                row(
                                "transpose",
                                (kernels, n, memory) -> {
                                    KernelArray a = memory.hostile(span(37, n, n + 2L, 1));
                                    KernelArray out = memory.output((long) 37 * n);
                                    return () ->
                                            kernels.data()
                                                    .transpose(
                                                            a.segment(),
                                                            a.offset(),
                                                            n + 2L,
                                                            37,
                                                            n,
                                                            out.segment(),
                                                            out.offset(),
                                                            37);
                                })
                        .benchSizes(1024, 65536),
                row(
                                "transpose",
                                (kernels, n, memory) -> {
                                    KernelArray a = memory.hostile(span(n, 19, 19 + 2L, 1));
                                    KernelArray out = memory.output((long) n * 19);
                                    return () ->
                                            kernels.data()
                                                    .transpose(
                                                            a.segment(),
                                                            a.offset(),
                                                            19 + 2L,
                                                            n,
                                                            19,
                                                            out.segment(),
                                                            out.offset(),
                                                            n);
                                })
                        .variant("tall")
                        .benchSizes(1024, 65536),
                row(
                                "transpose",
                                (kernels, n, memory) -> {
                                    KernelArray a = memory.input((long) n * n);
                                    KernelArray out = memory.output((long) n * n);
                                    return () ->
                                            kernels.data()
                                                    .transpose(
                                                            a.segment(),
                                                            a.offset(),
                                                            n,
                                                            n,
                                                            n,
                                                            out.segment(),
                                                            out.offset(),
                                                            n);
                                })
                        .variant("square")
                        .sizes(0, 1, 3, 4, 8, 15, 16, 17, 31, 32, 33, 64, 65, 127)
                        .benchSizes(64, 1024),
                row(
                                "padPlanes",
                                (kernels, n, memory) -> {
                                    KernelArray a = memory.hostile(3L * 5 * n);
                                    KernelArray out =
                                            memory.output(3L * (1 + 5 + 2) * (3L + n + 1));
                                    return () ->
                                            kernels.data()
                                                    .padPlanes(
                                                            a.segment(),
                                                            a.offset(),
                                                            3,
                                                            5,
                                                            n,
                                                            1,
                                                            2,
                                                            3,
                                                            1,
                                                            0.5f,
                                                            out.segment(),
                                                            out.offset());
                                })
                        .benchSizes(224, 65536),
                row(
                                "gatherRows",
                                (kernels, n, memory) -> {
                                    KernelArray table = memory.hostile(11L * n);
                                    KernelArray indices = memory.indices(17, 11);
                                    KernelArray out = memory.output(17L * n);
                                    return () ->
                                            kernels.data()
                                                    .gatherRows(
                                                            table.segment(),
                                                            table.offset(),
                                                            11,
                                                            n,
                                                            indices.segment(),
                                                            indices.offset(),
                                                            17,
                                                            out.segment(),
                                                            out.offset());
                                })
                        .benchSizes(128, 65536),
                row(
                                "gatherRows",
                                (kernels, n, memory) -> {
                                    KernelArray table = memory.hostile(97);
                                    KernelArray indices = memory.indices(n, 97);
                                    KernelArray out = memory.output(n);
                                    return () ->
                                            kernels.data()
                                                    .gatherRows(
                                                            table.segment(),
                                                            table.offset(),
                                                            97,
                                                            1,
                                                            indices.segment(),
                                                            indices.offset(),
                                                            n,
                                                            out.segment(),
                                                            out.offset());
                                })
                        .variant("elements"),
                row(
                                "scatterAddRows",
                                (kernels, n, memory) -> {
                                    KernelArray rows = memory.input(17L * n);
                                    KernelArray indices = memory.indices(17, 11);
                                    KernelArray table = memory.updated(11L * n, -1, 1);
                                    return () ->
                                            kernels.data()
                                                    .scatterAddRows(
                                                            rows.segment(),
                                                            rows.offset(),
                                                            indices.segment(),
                                                            indices.offset(),
                                                            17,
                                                            11,
                                                            n,
                                                            table.segment(),
                                                            table.offset());
                                })
                        .benchSizes(128, 65536)
                        .flops(n -> 17.0 * n),
                row(
                        "int32ToFloat",
                        (kernels, n, memory) -> {
                            KernelArray a = memory.ints(n, Integer.MIN_VALUE, Integer.MAX_VALUE);
                            KernelArray out = memory.output(n);
                            return () ->
                                    kernels.data()
                                            .int32ToFloat(
                                                    a.segment(),
                                                    a.offset(),
                                                    n,
                                                    out.segment(),
                                                    out.offset());
                        }),
                row(
                        "floatToInt32",
                        (kernels, n, memory) -> {
                            KernelArray a = memory.hostile(n);
                            KernelArray out = memory.outputInts(n);
                            return () ->
                                    kernels.data()
                                            .floatToInt32(
                                                    a.segment(),
                                                    a.offset(),
                                                    n,
                                                    out.segment(),
                                                    out.offset());
                        }),
                row(
                                "uint8ToFloat",
                                (kernels, n, memory) -> {
                                    KernelArray a = memory.bytes(n);
                                    KernelArray out = memory.output(n);
                                    return () ->
                                            kernels.data()
                                                    .uint8ToFloat(
                                                            a.segment(),
                                                            a.offset(),
                                                            n,
                                                            1 / 255f,
                                                            -0.5f,
                                                            out.segment(),
                                                            out.offset());
                                })
                        .flops(n -> n));
    }

    private static KernelRow row(String method, KernelRow.Preparation preparation) {
        return KernelRow.of("data", method, preparation).benchSizes(1024, 1 << 17);
    }

    /** The elements from the first to the last that these strides reach. */
    private static long span(long rows, long columns, long rowStride, long columnStride) {
        return rows == 0 || columns == 0
                ? 0
                : (rows - 1) * rowStride + (columns - 1) * columnStride + 1;
    }
}
