package dev.lanewise.samples;

import dev.lanewise.core.io.ModelFormatException;
import dev.lanewise.nn.StateDictException;

import picocli.CommandLine;
import picocli.CommandLine.Command;

import java.io.PrintWriter;
import java.io.UncheckedIOException;

/** {@code samples/run}: the samples by name. */
@Command(
        name = "samples/run",
        description = "Runs a sample by name; \"samples/run NAME --help\" shows its options.",
        subcommands = {
            Main.ListSamples.class,
            Fetch.class,
            Doctor.class,
            Xor.class,
            Mlp.class,
            Cnn.class,
            StepTime.class
        })
public final class Main implements Runnable {
    private Main() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The command line with all samples; errors of the user's making are told without a trace. */
    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Main());
        commandLine.setUsageHelpAutoWidth(true);
        addHelp(commandLine);
        commandLine.setExecutionExceptionHandler(
                (exception, failed, parsed) -> {
                    // What the user gave is wrong; anything else deserves its stack trace.
                    switch (exception) {
                        case SampleException _,
                                StateDictException _,
                                ModelFormatException _,
                                UncheckedIOException _ -> {
                            String name = failed.getCommandName();
                            System.err.println(name + ": " + exception.getMessage());
                            return 1;
                        }
                        default -> throw exception;
                    }
                });
        return commandLine;
    }

    private static void addHelp(CommandLine commandLine) {
        commandLine
                .getCommandSpec()
                .addOption(
                        CommandLine.Model.OptionSpec.builder("-h", "--help")
                                .usageHelp(true)
                                .description("Shows this help.")
                                .build());
        commandLine.getSubcommands().values().forEach(Main::addHelp);
    }

    @Override
    public void run() {
        commandLine().usage(System.out);
    }

    @Command(name = "list", description = "Lists the samples.")
    static final class ListSamples implements Runnable {
        @CommandLine.ParentCommand private Main main;

        @Override
        public void run() {
            PrintWriter out = new PrintWriter(System.out, true);
            commandLine()
                    .getSubcommands()
                    .forEach(
                            (name, command) -> {
                                var usage = command.getCommandSpec().usageMessage();
                                if (!usage.hidden()) {
                                    out.printf("%-8s %s%n", name, usage.description()[0]);
                                }
                            });
        }
    }
}
