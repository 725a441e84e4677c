package dev.lanewise.bench.peers;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import dev.lanewise.bench.peers.Fastest.Form;
import dev.lanewise.bench.work.ConvolutionWork;
import dev.lanewise.bench.work.TransposedConvolutionWork;
import dev.lanewise.bench.work.Work;
import dev.lanewise.kernels.Conv2dShape;
import dev.lanewise.kernels.ConvTranspose2dShape;

import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.deconvolution_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A convolution by oneDNN, in the form that a trial shows to be the fastest: each algorithm that it
 * offers (on x86, version 3.11 has no Winograd any more, and {@code auto} is {@code direct}), and
 * for activations the layout that the primitive prefers, NCHW or NHWC. Weights are reordered before
 * the call. The log names oneDNN's implementations.
 */
final class OneDnnConvolution {
    private final engine cpu;
    private final stream queue;
    private final List<Object> alive;
    private final boolean converts;

    /** What leaves the result of a call in the work's output, where the call does not. */
    private final Map<Runnable, Runnable> publications = new HashMap<>();

    private final Set<String> seen = new HashSet<>();

    /**
     * Convolutions on this engine.
     *
     * @param alive keeps native objects from being collected
     * @param converts whether a call converts its activations from and to NCHW; otherwise they stay
     *     in the primitive's layout, as between the layers of a framework, and the output is
     *     converted once
     */
    OneDnnConvolution(engine cpu, stream queue, List<Object> alive, boolean converts) {
        this.cpu = cpu;
        this.queue = queue;
        this.alive = alive;
        this.converts = converts;
    }

    /** A primitive, what oneDNN calls it, and the layouts that it wants. */
    private record Chosen(
            primitive primitive,
            String implementation,
            memory.desc in,
            memory.desc weights,
            memory.desc out) {}

    Runnable prepare(ConvolutionWork work, Work.Data data) {
        Conv2dShape s = work.shape();
        long[] in = {s.batch(), s.inChannels(), s.inHeight(), s.inWidth()};
        long[] out = {s.batch(), s.outChannels(), s.outHeight(), s.outWidth()};
        long[] weights = weightSizes(s);
        memory.desc given = desc(weights, plain(weights.length));
        List<Form> forms = new ArrayList<>();
        for (memory.format_tag layout : layouts()) {
            for (algorithm way :
                    List.of(
                            algorithm.convolution_auto,
                            algorithm.convolution_direct,
                            algorithm.convolution_winograd)) {
                add(
                        forms,
                        layout,
                        () -> convolution(s, way, layout, in, weights, out),
                        given,
                        in,
                        out,
                        data);
            }
        }
        return fastest(work, forms);
    }

    private Chosen convolution(
            Conv2dShape s,
            algorithm way,
            memory.format_tag layout,
            long[] in,
            long[] weights,
            long[] out) {
        var description =
                keep(
                        new convolution_forward.primitive_desc(
                                cpu,
                                prop_kind.forward_inference,
                                way,
                                desc(in, layout),
                                desc(weights, memory.format_tag.any),
                                desc(out, layout),
                                new long[] {s.strideHeight(), s.strideWidth()},
                                new long[] {s.padTop(), s.padLeft()},
                                new long[] {s.padBottom(), s.padRight()}));
        return new Chosen(
                keep(new convolution_forward(description)),
                description.impl_info_str().getString(),
                keep(description.src_desc()),
                keep(description.weights_desc()),
                keep(description.dst_desc()));
    }

    private static long[] weightSizes(Conv2dShape s) {
        long perGroup = s.inChannels() / s.groups();
        return s.groups() == 1
                ? new long[] {s.outChannels(), perGroup, s.kernelHeight(), s.kernelWidth()}
                : new long[] {
                    s.groups(),
                    s.outChannels() / s.groups(),
                    perGroup,
                    s.kernelHeight(),
                    s.kernelWidth()
                };
    }

    Runnable prepare(TransposedConvolutionWork work, Work.Data data) {
        ConvTranspose2dShape s = work.shape();
        Conv2dShape c = s.convolution();
        long[] in = {s.batch(), s.inChannels(), s.inHeight(), s.inWidth()};
        long[] out = {s.batch(), s.outChannels(), s.outHeight(), s.outWidth()};
        long[] weights = {s.outChannels(), s.inChannels(), c.kernelHeight(), c.kernelWidth()};
        memory.desc given = desc(weights, memory.format_tag.bacd);
        List<Form> forms = new ArrayList<>();
        for (memory.format_tag layout : layouts()) {
            add(forms, layout, () -> transposed(c, layout, in, weights, out), given, in, out, data);
        }
        return fastest(work, forms);
    }

    private Chosen transposed(
            Conv2dShape c, memory.format_tag layout, long[] in, long[] weights, long[] out) {
        var description =
                keep(
                        new deconvolution_forward.primitive_desc(
                                cpu,
                                prop_kind.forward_inference,
                                algorithm.deconvolution_direct,
                                desc(in, layout),
                                desc(weights, memory.format_tag.any),
                                desc(out, layout),
                                new long[] {c.strideHeight(), c.strideWidth()},
                                new long[] {c.padTop(), c.padLeft()},
                                new long[] {c.padBottom(), c.padRight()}));
        return new Chosen(
                keep(new deconvolution_forward(description)),
                description.impl_info_str().getString(),
                keep(description.src_desc()),
                keep(description.weights_desc()),
                keep(description.dst_desc()));
    }

    private static List<memory.format_tag> layouts() {
        return List.of(memory.format_tag.any, memory.format_tag.abcd, memory.format_tag.acdb);
    }

    /** Adds a form, unless oneDNN does not have it or it is one that is there already. */
    private void add(
            List<Form> forms,
            memory.format_tag layout,
            Supplier<Chosen> primitive,
            memory.desc givenWeights,
            long[] in,
            long[] out,
            Work.Data data) {
        Chosen chosen;
        try {
            chosen = primitive.get();
        } catch (RuntimeException e) { // the bindings' only exception: "could not create ..."
            return;
        }
        String name = chosen.implementation() + "/" + layout.name();
        if (seen.add(name)) {
            forms.add(new Form(name, call(chosen, givenWeights, in, out, data)));
        }
    }

    private Runnable fastest(Work work, List<Form> forms) {
        Runnable call = Fastest.of("onednn" + (converts ? " " : "-blocked ") + work.id(), forms);
        publications.getOrDefault(call, () -> {}).run();
        return call;
    }

    private Runnable call(
            Chosen chosen, memory.desc givenWeights, long[] in, long[] out, Work.Data data) {
        memory.desc plainIn = desc(in, memory.format_tag.abcd);
        memory.desc plainOut = desc(out, memory.format_tag.abcd);
        memory given = keep(new memory(plainIn, cpu, keep(NativePointer.of(data.a()))));
        memory wanted = keep(new memory(plainOut, cpu, keep(NativePointer.of(data.out()))));
        boolean convertsIn = !chosen.in().equals(plainIn);
        boolean convertsOut = !chosen.out().equals(plainOut);
        memory source = convertsIn ? keep(new memory(chosen.in(), cpu)) : given;
        memory target = convertsOut ? keep(new memory(chosen.out(), cpu)) : wanted;
        IntMemoryMap arguments = keep(new IntMemoryMap());
        arguments.put(DNNL_ARG_SRC, source);
        arguments.put(DNNL_ARG_WEIGHTS, weights(givenWeights, chosen.weights(), data));
        arguments.put(DNNL_ARG_DST, target);
        reorder toSource = convertsIn ? keep(new reorder(given, source)) : null;
        reorder toWanted = convertsOut ? keep(new reorder(target, wanted)) : null;
        if (converts) {
            return () -> {
                if (toSource != null) {
                    toSource.execute(queue, given, source);
                }
                chosen.primitive().execute(queue, arguments);
                if (toWanted != null) {
                    toWanted.execute(queue, target, wanted);
                }
                queue._wait();
            };
        }
        if (toSource != null) {
            toSource.execute(queue, given, source);
            queue._wait();
        }
        Runnable call =
                () -> {
                    chosen.primitive().execute(queue, arguments);
                    queue._wait();
                };
        if (toWanted != null) {
            publications.put(
                    call,
                    () -> {
                        toWanted.execute(queue, target, wanted);
                        queue._wait();
                    });
        }
        return call;
    }

    private memory weights(memory.desc given, memory.desc wanted, Work.Data data) {
        memory from = keep(new memory(given, cpu, keep(NativePointer.of(data.b()))));
        if (wanted.equals(given)) {
            return from;
        }
        memory to = keep(new memory(wanted, cpu));
        new reorder(from, to).execute(queue, from, to);
        queue._wait();
        return to;
    }

    private static memory.format_tag plain(int rank) {
        return rank == 5 ? memory.format_tag.abcde : memory.format_tag.abcd;
    }

    private memory.desc desc(long[] sizes, memory.format_tag tag) {
        return keep(new memory.desc(sizes, memory.data_type.f32, tag));
    }

    private <T> T keep(T object) {
        alive.add(object);
        return object;
    }
}
