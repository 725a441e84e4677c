package dev.lanewise.bench.peers;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
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
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.deconvolution_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A convolution or a gradient of one by oneDNN, in the form that a trial shows to be the fastest:
 * each algorithm that it offers (on x86, version 3.11 has no Winograd any more, and {@code auto} is
 * {@code direct}), and for activations the layout that the primitive prefers, NCHW or NHWC. Weights
 * that go in are reordered before the call, a gradient of weights that comes out within it. The log
 * names oneDNN's implementations.
 */
final class OneDnnConvolution {
    /** Layouts of the activations. */
    private static final List<memory.format_tag> TRIED =
            List.of(memory.format_tag.any, memory.format_tag.abcd, memory.format_tag.acdb);

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
     * @param converts whether a call converts its activations from and to NCHW (and a gradient of
     *     the weights); otherwise they stay in the primitive's layout, as between the layers of a
     *     framework, and the output is converted once
     */
    OneDnnConvolution(engine cpu, stream queue, List<Object> alive, boolean converts) {
        this.cpu = cpu;
        this.queue = queue;
        this.alive = alive;
        this.converts = converts;
    }

    /**
     * An array of a primitive.
     *
     * @param argument which one it is to oneDNN
     * @param given its layout in the work
     * @param wanted the layout that the primitive wants
     */
    private record Operand(int argument, memory.desc given, memory.desc wanted) {}

    /**
     * A primitive, what oneDNN calls it, and its arrays.
     *
     * @param constantB whether b are weights, and so reordered before the call
     */
    private record Chosen(
            primitive primitive,
            String implementation,
            Operand a,
            Operand b,
            boolean constantB,
            Operand out) {}

    /** The arrays of a convolution in one layout of the activations, the weights in any. */
    private record Layouts(memory.desc in, memory.desc weights, memory.desc out) {}

    Runnable prepare(ConvolutionWork work, Work.Data data) {
        Conv2dShape s = work.shape();
        Layouts given = layouts(s, memory.format_tag.abcd, plain(weightSizes(s).length));
        List<Form> forms = new ArrayList<>();
        for (memory.format_tag layout : TRIED) {
            Layouts wanted = layouts(s, layout, memory.format_tag.any);
            for (algorithm way :
                    List.of(
                            algorithm.convolution_auto,
                            algorithm.convolution_direct,
                            algorithm.convolution_winograd)) {
                Supplier<Chosen> primitive =
                        () ->
                                switch (work.kind()) {
                                    case FORWARD -> forward(s, way, given, wanted);
                                    case INPUT_GRADIENT -> inputGradient(s, way, given, wanted);
                                    case WEIGHT_GRADIENT -> weightGradient(s, way, given, wanted);
                                };
                add(forms, layout, primitive, data);
            }
        }
        return fastest(work, forms);
    }

    private Layouts layouts(
            Conv2dShape s, memory.format_tag activations, memory.format_tag weights) {
        return new Layouts(
                desc(
                        new long[] {s.batch(), s.inChannels(), s.inHeight(), s.inWidth()},
                        activations),
                desc(weightSizes(s), weights),
                desc(
                        new long[] {s.batch(), s.outChannels(), s.outHeight(), s.outWidth()},
                        activations));
    }

    private convolution_forward.primitive_desc description(
            Conv2dShape s, prop_kind use, algorithm way, Layouts wanted) {
        return keep(
                new convolution_forward.primitive_desc(
                        cpu,
                        use,
                        way,
                        wanted.in(),
                        wanted.weights(),
                        wanted.out(),
                        strides(s),
                        dilations(s),
                        paddingBefore(s),
                        paddingAfter(s)));
    }

    private static long[] strides(Conv2dShape s) {
        return new long[] {s.strideHeight(), s.strideWidth()};
    }

    /** oneDNN counts the inputs between two taps. */
    private static long[] dilations(Conv2dShape s) {
        return new long[] {s.dilationHeight() - 1, s.dilationWidth() - 1};
    }

    private static long[] paddingBefore(Conv2dShape s) {
        return new long[] {s.padTop(), s.padLeft()};
    }

    private static long[] paddingAfter(Conv2dShape s) {
        return new long[] {s.padBottom(), s.padRight()};
    }

    private Chosen forward(Conv2dShape s, algorithm way, Layouts given, Layouts wanted) {
        var description = description(s, prop_kind.forward_inference, way, wanted);
        return new Chosen(
                keep(new convolution_forward(description)),
                description.impl_info_str().getString(),
                new Operand(DNNL_ARG_SRC, given.in(), keep(description.src_desc())),
                new Operand(DNNL_ARG_WEIGHTS, given.weights(), keep(description.weights_desc())),
                true,
                new Operand(DNNL_ARG_DST, given.out(), keep(description.dst_desc())));
    }

    private Chosen inputGradient(Conv2dShape s, algorithm way, Layouts given, Layouts wanted) {
        var description =
                keep(
                        new convolution_backward_data.primitive_desc(
                                cpu,
                                way,
                                wanted.in(),
                                wanted.weights(),
                                wanted.out(),
                                strides(s),
                                dilations(s),
                                paddingBefore(s),
                                paddingAfter(s),
                                description(s, prop_kind.forward_training, way, wanted)));
        return new Chosen(
                keep(new convolution_backward_data(description)),
                description.impl_info_str().getString(),
                new Operand(DNNL_ARG_DIFF_DST, given.out(), keep(description.diff_dst_desc())),
                new Operand(DNNL_ARG_WEIGHTS, given.weights(), keep(description.weights_desc())),
                true,
                new Operand(DNNL_ARG_DIFF_SRC, given.in(), keep(description.diff_src_desc())));
    }

    private Chosen weightGradient(Conv2dShape s, algorithm way, Layouts given, Layouts wanted) {
        var description =
                keep(
                        new convolution_backward_weights.primitive_desc(
                                cpu,
                                way,
                                wanted.in(),
                                wanted.weights(),
                                wanted.out(),
                                strides(s),
                                dilations(s),
                                paddingBefore(s),
                                paddingAfter(s),
                                description(s, prop_kind.forward_training, way, wanted)));
        return new Chosen(
                keep(new convolution_backward_weights(description)),
                description.impl_info_str().getString(),
                new Operand(DNNL_ARG_SRC, given.in(), keep(description.src_desc())),
                new Operand(DNNL_ARG_DIFF_DST, given.out(), keep(description.diff_dst_desc())),
                false,
                new Operand(
                        DNNL_ARG_DIFF_WEIGHTS,
                        given.weights(),
                        keep(description.diff_weights_desc())));
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
        Layouts given =
                new Layouts(
                        desc(in, memory.format_tag.abcd),
                        desc(weights, memory.format_tag.bacd),
                        desc(out, memory.format_tag.abcd));
        List<Form> forms = new ArrayList<>();
        for (memory.format_tag layout : TRIED) {
            Layouts wanted =
                    new Layouts(
                            desc(in, layout),
                            desc(weights, memory.format_tag.any),
                            desc(out, layout));
            add(forms, layout, () -> transposed(c, given, wanted), data);
        }
        return fastest(work, forms);
    }

    private Chosen transposed(Conv2dShape c, Layouts given, Layouts wanted) {
        var description =
                keep(
                        new deconvolution_forward.primitive_desc(
                                cpu,
                                prop_kind.forward_inference,
                                algorithm.deconvolution_direct,
                                wanted.in(),
                                wanted.weights(),
                                wanted.out(),
                                strides(c),
                                paddingBefore(c),
                                paddingAfter(c)));
        return new Chosen(
                keep(new deconvolution_forward(description)),
                description.impl_info_str().getString(),
                new Operand(DNNL_ARG_SRC, given.in(), keep(description.src_desc())),
                new Operand(DNNL_ARG_WEIGHTS, given.weights(), keep(description.weights_desc())),
                true,
                new Operand(DNNL_ARG_DST, given.out(), keep(description.dst_desc())));
    }

    /** Adds a form, unless oneDNN does not have it or it is one that is there already. */
    private void add(
            List<Form> forms,
            memory.format_tag layout,
            Supplier<Chosen> primitive,
            Work.Data data) {
        Chosen chosen;
        try {
            chosen = primitive.get();
        } catch (RuntimeException e) { // the bindings' only exception: "could not create ..."
            return;
        }
        String name = chosen.implementation() + "/" + layout.name();
        if (seen.add(name)) {
            forms.add(new Form(name, call(chosen, data)));
        }
    }

    private Runnable fastest(Work work, List<Form> forms) {
        Runnable call = Fastest.of("onednn" + (converts ? " " : "-blocked ") + work.id(), forms);
        publications.getOrDefault(call, () -> {}).run();
        return call;
    }

    private Runnable call(Chosen chosen, Work.Data data) {
        List<Runnable> steps = new ArrayList<>();
        IntMemoryMap arguments = keep(new IntMemoryMap());
        arguments.put(chosen.a().argument(), input(chosen.a(), data.a(), converts, steps));
        boolean convertsB = converts && !chosen.constantB();
        arguments.put(chosen.b().argument(), input(chosen.b(), data.b(), convertsB, steps));
        steps.add(() -> chosen.primitive().execute(queue, arguments));
        List<Runnable> publication = new ArrayList<>();
        arguments.put(chosen.out().argument(), output(chosen.out(), data.out(), publication));
        if (converts) {
            steps.addAll(publication);
        }
        Runnable call = all(steps);
        if (!converts) {
            publications.put(call, all(publication));
        }
        return call;
    }

    /** These steps, and the end of the last. */
    private Runnable all(List<Runnable> steps) {
        Runnable[] inOrder = steps.toArray(Runnable[]::new);
        return () -> {
            for (Runnable step : inOrder) {
                step.run();
            }
            queue._wait();
        };
    }

    /**
     * An input in the layout that the primitive wants.
     *
     * @param inCall whether a call converts it, as a step of its own; otherwise it is done now
     */
    private memory input(
            Operand operand, MemorySegment data, boolean inCall, List<Runnable> steps) {
        memory given = wrap(operand.given(), data);
        if (operand.wanted().equals(operand.given())) {
            return given;
        }
        memory wanted = keep(new memory(operand.wanted(), cpu));
        if (inCall) {
            steps.add(conversion(given, wanted));
        } else {
            all(List.of(conversion(given, wanted))).run();
        }
        return wanted;
    }

    /** What the primitive writes, and as a step its conversion to the work's layout, if needed. */
    private memory output(Operand operand, MemorySegment data, List<Runnable> steps) {
        memory wanted = wrap(operand.given(), data);
        if (operand.wanted().equals(operand.given())) {
            return wanted;
        }
        memory written = keep(new memory(operand.wanted(), cpu));
        steps.add(conversion(written, wanted));
        return written;
    }

    private Runnable conversion(memory from, memory to) {
        reorder conversion = keep(new reorder(from, to));
        return () -> conversion.execute(queue, from, to);
    }

    private memory wrap(memory.desc layout, MemorySegment data) {
        return keep(new memory(layout, cpu, keep(NativePointer.of(data))));
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
